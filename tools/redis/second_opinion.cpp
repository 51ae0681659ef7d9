#include "tools/redis/second_opinion.h"

#include "policy/redis_opinion.h"

namespace casefile::tools::redis {

std::optional<Error> object_to(const sources::redis::Command& command,
                               const sources::redis::ServerOpinion& opinion) {
    auto verdict = policy::judge_redis_opinion(command, opinion.name, opinion.flags);
    if (verdict.allowed) return std::nullopt;
    return denied(std::move(verdict.reason), std::move(verdict.hint));
}

void log_missing_opinion(const sources::redis::RedisSource& source, evidence::Run& run) {
    const auto why = source.opinion_withheld();
    if (why.empty()) return;
    run.log("the server would not say which commands write (" + why +
            "): casefile's own list alone decided; with +command|info the account gets the server's word as "
            "well");
}

}  // namespace casefile::tools::redis
