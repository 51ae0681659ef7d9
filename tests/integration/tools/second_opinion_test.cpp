// The server's own opinion of Redis commands, through the real policy: it stops what the list let pass, and
// stops nothing else.

#include "tools/redis/second_opinion.h"
#include "sandbox/redis_client.h"
#include "sandbox/servers.h"
#include "tests/support/endpoints.h"
#include "tests/support/tool_bench.h"
#include "tests/unit/policy/corpus.h"
#include "tools/diff/tools.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

struct OwnRedis : ToolBench {
    TemporaryFolder folder;
    sandbox::RedisServer server;

    explicit OwnRedis(const std::string& configuration = {})
        : server(sandbox::RedisServer::start(folder.path() / "redis", 0, configuration).value()) {}

    sources::Endpoint endpoint(const std::string& user = {}) const {
        return endpoint_of(SourceKind::redis, "SHOP", server.port, user,
                           user.empty() ? server.password : "its-password");
    }
    std::unique_ptr<sources::redis::RedisSource> source(const std::string& user = {}) const {
        return sources::redis::make_redis_source(endpoint(user), limits, redis::object_to);
    }
    void serve(const std::string& user = {}) {
        add(source(user));
        confirm("SHOP");
    }
    std::vector<std::string> as_admin(const sandbox::RedisClient::Command& command) const {
        return sandbox::RedisClient::connect(server.port, server.password).value().run(command).value();
    }
};

sources::redis::Command command_of(const policy::CorpusLine& line) {
    auto words = split(line.text, ' ');
    for (auto& word : words) word = policy::decoded(word);
    return words;
}

/// By COMMAND INFO, asked for the subcommand where there is one.
bool writes(const OwnRedis& own, const sources::redis::Command& command) {
    auto info = own.as_admin({"COMMAND", "INFO", command[0]});
    if (command.size() > 1) {
        const auto subcommand = lower(command[0] + "|" + command[1]);
        if (std::ranges::find(info, subcommand) != info.end())
            info = own.as_admin({"COMMAND", "INFO", subcommand});
    }
    return std::ranges::any_of(info,
                               [](const auto& word) { return word == "write" || word == "may_replicate"; });
}

sources::Control within_a_while() {
    return {std::chrono::steady_clock::now() + std::chrono::seconds(10), {}};
}

}  // namespace

TEST_CASE("a server objects to no command of the table of legitimate reads") {
    const OwnRedis own;
    const auto source = own.source();
    for (const auto& line : policy::read_corpus("redis_allow.tsv")) {
        const auto replies = source->pipeline({command_of(line)}, within_a_while());
        INFO("redis_allow.tsv:" << line.number << ": " << line.text);
        if (!replies) FAIL(replies.error().message);
    }
}

TEST_CASE("the server's opinion alone stops every command of the table that it counts as writing") {
    const OwnRedis own;
    const auto source = own.source();
    own.as_admin({"SET", "witness", "here"});
    int stopped = 0;
    for (const auto& line : policy::read_corpus("redis_refuse.tsv")) {
        // Some of the others change the connection or the server; the list alone stops those.
        const auto command = command_of(line);
        if (!writes(own, command)) continue;
        const auto replies = source->pipeline({command}, within_a_while());
        INFO("redis_refuse.tsv:" << line.number << ": " << line.text);
        REQUIRE_FALSE(replies);
        CHECK(replies.error().kind == ErrorKind::denied);
        ++stopped;
    }
    CHECK(stopped >= 130);
    CHECK(own.as_admin({"GET", "witness"}) == std::vector<std::string>{"here"});
    CHECK(own.as_admin({"DBSIZE"}) == std::vector<std::string>{"1"});
}

TEST_CASE("no tool sends a reading command to a server that runs another one under its name") {
    OwnRedis renamed(
        "rename-command GET \"\"\nrename-command INCR GET\nrename-command TYPE \"\"\n"
        "rename-command PERSIST TYPE\nrename-command MGET \"\"\nrename-command DEL MGET\n"
        "rename-command GETRANGE \"\"\n");
    renamed.serve();
    renamed.as_admin({"SET", "product:1", "5", "EX", "1000"});

    const auto read = renamed.refusal(redis::read_tool(renamed.work()),
                                      {{"commands", json::array{json::array{"GET", "product:1"}}}});
    const auto scan = renamed.refusal(redis::scan_tool(renamed.work()), {});
    const auto diff =
        renamed.refusal(diff::diff_tool(renamed.work()),
                        json::parse(R"({"left": {"csv": {"text": "id,value\n1,5\n"}}, "key": ["id"],
                        "right": {"env": "SHOP", "redis": {"key_template": "product:{id}"}}})")
                            .as_object());

    CHECK(read.at("kind") == "denied");
    CHECK_THAT(std::string(read.at("message").as_string()), Catch::Contains("runs INCR when asked for GET"));
    CHECK(scan.at("kind") == "denied");
    CHECK_THAT(std::string(scan.at("message").as_string()),
               Catch::Contains("runs PERSIST when asked for TYPE"));
    CHECK(diff.at("kind") == "denied");
    CHECK_THAT(std::string(diff.at("message").as_string()), Catch::Contains("runs DEL when asked for MGET"));
    CHECK(renamed.as_admin({"STRLEN", "product:1"}) == std::vector<std::string>{"1"});
    CHECK(renamed.as_admin({"TTL", "product:1"}) != std::vector<std::string>{"-1"});
}

TEST_CASE("a diff goes without its short looks where the server runs another command under their name") {
    OwnRedis renamed("rename-command GETRANGE \"\"\nrename-command INCR GETRANGE\n");
    renamed.serve();
    renamed.as_admin({"SET", "product:1", "5"});

    const auto answer =
        renamed.call(diff::diff_tool(renamed.work()),
                     json::parse(R"({"left": {"csv": {"text": "id,value\n1,5\n"}}, "key": ["id"],
                        "right": {"env": "SHOP", "redis": {"key_template": "product:{id}"}}})")
                         .as_object());

    CHECK(answer.at("counts").at("match") == 1);
    CHECK(renamed.as_admin({"GET", "product:1"}) == std::vector<std::string>{"5"});
}

TEST_CASE("where the account may not ask for the server's opinion, the run's log says so once") {
    OwnRedis own;
    own.as_admin({"ACL", "SETUSER", "quiet", "on", ">its-password", "~*", "+@read", "-command"});
    own.serve("quiet");

    const auto answer =
        own.call(redis::read_tool(own.work()),
                 {{"commands", json::array{json::array{"GET", "a"}, json::array{"HLEN", "h"}}}});

    const auto log = ToolBench::file(answer, "read.log");
    const auto at = log.find("the server would not say which commands write (NOPERM");
    CHECK(at != std::string::npos);
    CHECK(log.find("would not say", at + 20) == std::string::npos);
    CHECK(answer.at("replies").at(1).at("value") == "0");
}
