#pragma once
// Servers of tests, as casefile's variables name them.

#include "base/text.h"
#include "sources/source.h"

namespace casefile {

/// On loopback, named by <KIND>_<env>_URL.
inline sources::Endpoint endpoint_of(SourceKind kind, const std::string& env, std::uint16_t port,
                                     std::string user, std::string password, std::string database = {}) {
    sources::Endpoint out;
    out.kind = kind;
    out.env = env;
    out.variable = upper(name_of(kind)) + "_" + env + "_URL";
    out.host = "127.0.0.1";
    out.port = port;
    out.user = std::move(user);
    out.password = Secret(std::move(password));
    out.database = std::move(database);
    return out;
}

}  // namespace casefile
