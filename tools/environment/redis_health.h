#pragma once
// What INFO says about a Redis server's health, with verdicts.

#include "sources/redis/source.h"
#include "tools/environment/health.h"

namespace casefile::tools::environment {

/// From the text of INFO.
void check_redis_info(const std::string& info, Health& out);

/// From the reply to SLOWLOG GET: the command and its key, never its values.
std::vector<json::object> slow_commands(const sources::redis::Reply& reply);

}  // namespace casefile::tools::environment
