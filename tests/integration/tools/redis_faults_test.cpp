// Faults on purpose, on a real Redis: no reply is ever another key's, and the next call is well.

#include <csignal>

#include "tests/integration/tools/private_servers.h"
#include "tests/support/endpoints.h"
#include "tests/support/tcp_proxy.h"
#include "tools/redis/second_opinion.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

struct Cache : ToolBench {
    Cache() : server(sandbox::RedisServer::start(folder.path(), 0).value()), tunnel(server.port) {
        limits.query_seconds_max = 1;
        auto client = admin();
        for (const auto* key : {"first", "second"})
            REQUIRE(client.run({"SET", key, std::string("value of ") + key}));
        REQUIRE(client.run({"SET", "large", std::string(900'000, 'x')}));
        const auto endpoint = endpoint_of(SourceKind::redis, "SHOP", tunnel.port, {}, server.password);
        add(sources::redis::make_redis_source(endpoint, limits, redis::object_to));
        confirm("SHOP");
    }
    sandbox::RedisClient admin() const {
        return sandbox::RedisClient::connect(server.port, server.password).value();
    }
    json::array commands(const std::vector<const char*>& keys) {
        json::array out;
        for (const auto* key : keys) out.push_back(json::array{"GET", key});
        return out;
    }
    std::string get(const char* key) {
        const auto answer = call(redis::read_tool(work()), {{"commands", commands({key})}});
        return std::string(answer.at("replies").at(0).at("value").as_string());
    }
    json::object fails(const std::vector<const char*>& keys) {
        const auto error = refusal(redis::read_tool(work()), {{"commands", commands(keys)}});
        const auto proved = cases().verify(case_id, principal);
        REQUIRE(proved);
        CHECK(proved->ok);
        CHECK(proved->open_runs.empty());
        return error;
    }

    TemporaryFolder folder;
    sandbox::RedisServer server;
    TcpProxy tunnel;
};

}  // namespace

TEST_CASE("after a server that stalled, no reply is another key's") {
    Cache cache;
    REQUIRE(cache.get("first") == "value of first");
    REQUIRE(::kill(cache.server.process.pid(), SIGSTOP) == 0);

    const auto error = cache.fails({"first"});

    REQUIRE(::kill(cache.server.process.pid(), SIGCONT) == 0);
    CHECK(error.at("kind") == "timed_out");
    // The late replies to the first question are on their way now, on a connection that nobody reads.
    for (int times = 0; times < 20; ++times) {
        CHECK(cache.get("second") == "value of second");
        CHECK(cache.get("first") == "value of first");
    }
}

TEST_CASE(
    "a tunnel that is cut in the middle of a reply is asked once more, anew; one that goes dead is told") {
    Cache cache;
    REQUIRE(cache.get("first") == "value of first");
    cache.tunnel.cut_after(200'000);
    const auto cut =
        cache.call(redis::read_tool(cache.work()), {{"commands", cache.commands({"large", "second"})}});
    CHECK(cut.at("replies").at(1).at("value") == "value of second");
    CHECK(ToolBench::file(cut, "redis_value.read.json").size() > 900'000);

    cache.tunnel.freeze_after(200'000);
    const auto dead = cache.fails({"large", "large", "large"});
    CHECK(dead.at("kind") == "timed_out");
    cache.tunnel.thaw();
    CHECK(cache.get("second") == "value of second");
}

TEST_CASE("a scan of a server that stalls ends within its time") {
    Cache cache;
    REQUIRE(cache.get("first") == "value of first");
    REQUIRE(::kill(cache.server.process.pid(), SIGSTOP) == 0);
    const auto error = cache.refusal(redis::scan_tool(cache.work()), {{"match", "*"}});
    REQUIRE(::kill(cache.server.process.pid(), SIGCONT) == 0);
    CHECK(error.at("kind") == "timed_out");
    CHECK(cache.call(redis::scan_tool(cache.work()), {{"match", "*"}}).at("keys_found") == 3);
}

TEST_CASE("every type of a real server is read, streams with their groups and what is pending") {
    Cache cache;
    auto client = cache.admin();
    for (const auto& command : std::vector<sandbox::RedisClient::Command>{
             {"XADD", "events", "1-1", "kind", "paid", "id", "9007199254740993"},
             {"XADD", "events", "1-2", "kind", "sent"},
             {"XGROUP", "CREATE", "events", "workers", "0"},
             {"XREADGROUP", "GROUP", "workers", "ann", "COUNT", "1", "STREAMS", "events", ">"},
             {"HSET", "h", "a", "1"},
             {"RPUSH", "l", "x", "y"},
             {"SADD", "s", "m"},
             {"ZADD", "z", "1.5", "m"},
             {"SETBIT", "bits", "7", "1"}})
        REQUIRE(client.run(command));

    const auto answer =
        cache.call(redis::read_tool(cache.work()),
                   {{"commands", json::array{{"XRANGE", "events", "-", "+", "COUNT", "10"},
                                             {"XINFO", "STREAM", "events"},
                                             {"XINFO", "GROUPS", "events"},
                                             {"XINFO", "CONSUMERS", "events", "workers"},
                                             {"XPENDING", "events", "workers"},
                                             {"XPENDING", "events", "workers", "-", "+", "10"},
                                             {"HGETALL", "h"},
                                             {"LRANGE", "l", "0", "9"},
                                             {"SSCAN", "s", "0", "COUNT", "10"},
                                             {"ZRANGE", "z", "0", "9", "WITHSCORES"},
                                             {"GET", "bits"}}}});

    INFO(json::serialize(answer));
    const auto value = [&](std::size_t i) { return answer.at("replies").at(i).at("value"); };
    CHECK(value(0).at(0) == json::parse(R"({"id":"1-1","fields":{"kind":"paid","id":"9007199254740993"}})"));
    CHECK(answer.at("replies").at(0).at("type") == "stream");
    CHECK(value(1).at("length") == "2");
    CHECK(value(1).at("first-entry").at("id") == "1-1");
    CHECK(value(2).at(0).at("name") == "workers");
    CHECK(value(2).at(0).at("pending") == "1");
    CHECK(value(3).at(0).at("name") == "ann");
    CHECK(
        value(4) ==
        json::parse(
            R"({"pending":"1","first":"1-1","last":"1-1","consumers":[{"consumer":"ann","pending":"1"}]})"));
    CHECK(value(5).at(0).at("consumer") == "ann");
    CHECK(value(6) == json::parse(R"({"a":"1"})"));
    CHECK(value(7) == json::parse(R"(["x","y"])"));
    CHECK(value(8) == json::parse(R"(["0",["m"]])"));
    CHECK(value(9) == json::parse(R"(["m","1.5"])"));
    CHECK(value(10) == "\x01");
}
