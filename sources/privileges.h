#pragma once
// What an account may do, from what the server says of it. Whoever is not known to be harmless counts as able
// to write.

#include <string>
#include <vector>

#include "sources/redis/source.h"

namespace casefile::sources {

struct Privileges {
    bool can_write = true;
    std::string reason = {};
    /// "SELECT ON `shop`.*", or Redis command rules; without grantee and password hash.
    std::vector<std::string> list = {};
};

/// From the lines of SHOW GRANTS.
Privileges judge_grants(const std::vector<std::string>& grants);

/// From the answer to ACL GETUSER, or the error it gave.
Privileges judge_acl(const redis::Reply& user);

}  // namespace casefile::sources
