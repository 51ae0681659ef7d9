#include "policy/redis_opinion.h"

#include "tests/support/catch.h"

using casefile::policy::judge_redis_opinion;

namespace {

struct Row {
    std::vector<std::string> command;
    std::string served_as;
    std::vector<std::string> flags;
    std::string reason;  ///< a part of it; empty where it is allowed
};

}  // namespace

TEST_CASE("the server's word refuses what writes, waits or is another command, and nothing else") {
    const std::vector<Row> rows = {
        {{"GET", "a"}, "get", {"readonly", "fast"}, ""},
        {{"get", "a"}, "GET", {}, ""},
        {{"GET", "a"}, "get", {"write", "denyoom"}, "counts GET among its commands of the kind write"},
        {{"GET", "a"}, "get", {"readonly", "WRITE"}, "kind write"},
        {{"GET", "a"}, "incr", {"readonly"}, "runs INCR when asked for GET"},
        {{"GET", "a"}, "", {"readonly"}, "runs  when asked for GET"},
        {{"PFCOUNT", "a"}, "pfcount", {"readonly", "may_replicate"}, "kind may_replicate"},
        {{"LRANGE", "l", "0", "9"}, "lrange", {"readonly", "blocking"}, "kind blocking"},
        {{"XREAD", "COUNT", "1", "STREAMS", "s", "0"}, "xread", {"readonly", "blocking"}, ""},
        {{"XREAD", "COUNT", "1", "STREAMS", "s", "0"}, "xread", {"write", "blocking"}, "kind write"},
        {{"HGET", "h", "f"}, "hget", {"admin"}, "kind admin"},
        {{"HGET", "h", "f"}, "hget", {"pubsub"}, "kind pubsub"},
        {{"HGET", "h", "f"}, "hget", {"noscript"}, "kind noscript"},
        {{"SLOWLOG", "GET", "10"}, "slowlog|get", {"admin", "loading", "stale"}, ""},
        {{"SLOWLOG", "GET", "10"}, "slowlog", {"admin"}, ""},
        {{"SLOWLOG", "GET", "10"}, "slowlog|reset", {"admin"}, "runs SLOWLOG|RESET when asked for SLOWLOG"},
        {{"CONFIG", "GET", "save"}, "config|get", {"admin", "noscript"}, ""},
        {{"CONFIG", "GET", "save"}, "config|get", {"admin", "write"}, "kind write"},
        {{"PUBSUB", "NUMPAT"}, "pubsub|numpat", {"pubsub", "loading"}, ""},
        {{"JSON.GET", "j"}, "json.get", {"readonly", "module"}, ""},
        {{"JSON.GET", "j"}, "json.get", {"write", "module"}, "kind write"},
    };
    for (const auto& row : rows) {
        const auto verdict = judge_redis_opinion(row.command, row.served_as, row.flags);
        INFO(row.command[0] << " as " << row.served_as << ": " << verdict.reason);
        CHECK(verdict.allowed == row.reason.empty());
        CHECK_THAT(verdict.reason, Catch::Contains(row.reason));
        CHECK(verdict.hint.empty() == verdict.allowed);
    }
}

TEST_CASE("what the server calls a command is shown with nothing that a terminal would obey") {
    CHECK(judge_redis_opinion({"GET", "a"}, "\x1B[31m", {}).reason.find('\x1B') == std::string::npos);
}
