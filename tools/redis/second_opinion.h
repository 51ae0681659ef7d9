#pragma once
// The server's own opinion of a command, judged by policy: what every Redis source asks before it sends.

#include "evidence/run.h"
#include "sources/redis/source.h"

namespace casefile::tools::redis {

/// Given to each source when it is made, so that no tool can forget it.
std::optional<Error> object_to(const sources::redis::Command& command,
                               const sources::redis::ServerOpinion& opinion);

/// Says so in the run's log when the source's server would not give its opinion.
void log_missing_opinion(const sources::redis::RedisSource& source, evidence::Run& run);

}  // namespace casefile::tools::redis
