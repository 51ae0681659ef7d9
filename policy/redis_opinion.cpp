#include "policy/redis_opinion.h"

#include "base/text.h"
#include "policy/word_list.h"

namespace casefile::policy {
namespace {

constexpr WordList never = "write may_replicate";
constexpr WordList waiting = "blocking";
constexpr WordList not_of_data = "admin noscript pubsub";

/// These ask the server about itself, which is administration in its own eyes.
constexpr WordList about_the_server =
    "ACL CLIENT CLUSTER COMMAND CONFIG DBSIZE INFO LASTSAVE LATENCY MEMORY MODULE PING PUBSUB ROLE SLOWLOG "
    "TIME";

/// Without the option BLOCK, which judge_redis() refuses, XREAD does not wait.
constexpr WordList waits_only_when_told = "XREAD";

}  // namespace

Verdict judge_redis_opinion(const std::vector<std::string>& command, const std::string& served_as,
                            const std::vector<std::string>& flags) {
    const auto name = upper(command.at(0));
    const auto refuse = [&](const std::string& what) {
        return Verdict::no("command not allowed: the server " + what,
                           "ask the operator whether commands were renamed or replaced by a module there; "
                           "read another way meanwhile");
    };
    const bool same = equals_ignoring_case(served_as, name) ||
                      (command.size() > 1 && equals_ignoring_case(served_as, name + "|" + command[1]));
    if (!same) return refuse("runs " + upper(printable(shorten(served_as, 64))) + " when asked for " + name);
    for (const auto& flag : flags) {
        const auto word = lower(flag);
        const bool wrong = lists(never, word) ||
                           (lists(waiting, word) && !lists(waits_only_when_told, name)) ||
                           (lists(not_of_data, word) && !lists(about_the_server, name));
        if (wrong) return refuse("counts " + name + " among its commands of the kind " + word);
    }
    return Verdict::yes();
}

}  // namespace casefile::policy
