#include "tests/fakes/fake_redis_source.h"
#include "tests/support/tool_bench.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::sources::redis;
using casefile::tools::ToolBench;

namespace {

struct Bench : ToolBench {
    Bench() : source(add(std::make_unique<FakeRedisSource>("STAGING"))) { confirm("STAGING"); }

    void plant(const std::string& key, const std::string& type, std::int64_t ttl_ms) {
        source.replies["TYPE " + key] = status_reply(type);
        source.replies["PTTL " + key] = integer_reply(ttl_ms);
    }
    json::object read(json::array commands) {
        return call(tools::redis::read_tool(work()), {{"commands", std::move(commands)}});
    }

    FakeRedisSource& source;
};

}  // namespace

TEST_CASE("a value comes with the key's type and time to live, exactly as it is stored") {
    Bench bench;
    const std::string document = R"({"price": 10.10, "id": 12345678901234567890})";
    bench.source.replies["STRLEN product:1"] = integer_reply(std::ssize(document));
    bench.source.replies["GET product:1"] = text_reply(document);
    bench.plant("product:1", "string", 60'000);

    const auto answer = bench.read({{"GET", "product:1"}});

    const auto& reply = answer.at("replies").at(0);
    CHECK(reply.at("command") == "GET product:1");
    CHECK(reply.at("type") == "string");
    CHECK(reply.at("ttl_ms") == 60'000);
    CHECK(reply.at("value").as_string() == document);
    CHECK(answer.at("truncated") == false);
    CHECK(bench.source.asked.size() == 2);
    const auto file = json::parse(ToolBench::file(answer, "redis_value.read.json"));
    CHECK(file.at("replies").at(0).at("value").as_string() == document);
    CHECK(ToolBench::file(answer, "read.redis") == "GET product:1\n");
}

TEST_CASE("each kind of reply has its own form") {
    Bench bench;
    bench.plant("gone", "none", -2);
    bench.plant("n", "string", -1);
    bench.source.replies["GET n"] = text_reply("9007199254740993");
    bench.source.replies["DBSIZE"] = integer_reply(9'007'199'254'740'993);
    bench.source.replies["HGETALL h"] =
        array_reply({text_reply("name"), text_reply("a"), text_reply("n"), text_reply("1")});
    bench.plant("h", "hash", 5);
    bench.source.replies["LRANGE l 0 9"] = array_reply({text_reply("x"), nil_reply(), text_reply("\xff")});
    bench.source.replies["GET l"] =
        error_reply("WRONGTYPE Operation against a key holding the wrong kind of value");

    const auto answer = bench.read({{"GET", "gone"},
                                    {"GET", "n"},
                                    {"DBSIZE"},
                                    {"HGETALL", "h"},
                                    {"LRANGE", "l", "0", "9"},
                                    {"GET", "l"}});

    const auto& replies = answer.at("replies").as_array();
    REQUIRE(replies.size() == 6);
    CHECK(replies[0].at("value").is_null());
    CHECK(replies[0].at("type") == "none");
    CHECK_FALSE(replies[0].as_object().contains("ttl_ms"));
    CHECK(replies[1].at("ttl_ms") == -1);
    CHECK(replies[1].at("value") == "9007199254740993");
    CHECK(replies[2].at("type") == "integer");
    CHECK(replies[2].at("value") == "9007199254740993");
    CHECK(replies[3].at("value") == json::value{{"name", "a"}, {"n", "1"}});
    CHECK(replies[4].at("value") == json::array{"x", nullptr, {{"base64", "/w=="}}});
    CHECK(replies[5].at("value").is_null());
    CHECK_THAT(std::string(replies[5].at("error").as_string()), Catch::StartsWith("WRONGTYPE"));
}

TEST_CASE("of a command that names several keys, the first does not speak for all") {
    Bench bench;
    bench.plant("nokey", "none", -2);
    bench.plant("z", "zset", -1);
    bench.source.replies["MGET nokey z"] = array_reply({nil_reply(), text_reply("x")});
    bench.source.replies["EXISTS nokey z"] = integer_reply(1);
    bench.source.replies["EXISTS z"] = integer_reply(1);
    bench.source.replies["JSON.MGET nokey z $"] = array_reply({nil_reply(), text_reply("[1]")});

    const auto answer = bench.read({{"MGET", "nokey", "z"},
                                    {"EXISTS", "nokey", "z"},
                                    {"JSON.MGET", "nokey", "z", "$"},
                                    {"EXISTS", "z"}});

    const auto& replies = answer.at("replies").as_array();
    CHECK(replies[0].at("type") == "array");
    CHECK(replies[0].at("value") == json::array{nullptr, "x"});
    CHECK(replies[1].at("type") == "integer");
    CHECK(replies[2].at("type") == "array");
    CHECK(replies[3].at("type") == "zset");
    CHECK(replies[3].at("ttl_ms") == -1);
    const auto asked = bench.source.commands();
    CHECK(std::find(asked.begin(), asked.end(), "TYPE nokey") == asked.end());
}

TEST_CASE("one refused command refuses the call, and nothing is sent") {
    Bench bench;
    const auto error = bench.refusal(tools::redis::read_tool(bench.work()),
                                     {{"commands", json::array{{"GET", "a"}, {"DEL", "a"}, {"GET", "b"}}}});
    CHECK(error.at("kind") == "denied");
    CHECK_THAT(std::string(error.at("message").as_string()), Catch::Contains("DEL"));
    CHECK(bench.source.asked.empty());
}

TEST_CASE("of several commands the refused one is named, and of one alone nothing is counted") {
    Bench bench;
    const auto message = [&](json::array commands) {
        const auto error =
            bench.refusal(tools::redis::read_tool(bench.work()), {{"commands", std::move(commands)}});
        return std::string(error.at("message").as_string());
    };
    CHECK(message({{"GET", "product:1014"}, json::array{"GET"}, {"TTL", "x"}}) ==
          "commands[1]: command not allowed: GET: expected 1 argument, got 0");
    CHECK(message({{"GET", "a"}, {"DEL", "a"}}) ==
          "commands[1]: command not allowed: DEL is not on the list of reading commands");
    CHECK(message({json::array{"GET"}}) == "command not allowed: GET: expected 1 argument, got 0");
}

TEST_CASE("a command without words is an error that names it") {
    Bench bench;
    const auto error = bench.refusal(tools::redis::read_tool(bench.work()),
                                     {{"commands", json::array{{"GET", "a"}, json::array{}}}});
    CHECK_THAT(std::string(error.at("message").as_string()), Catch::StartsWith("commands[1]"));
    CHECK(bench.source.asked.empty());
}

TEST_CASE("a long string is read in part with its length told, never whole") {
    Bench bench;
    bench.limits.value_bytes_max = 4;
    bench.source.replies["STRLEN a"] = integer_reply(1'000'000);
    bench.source.replies["GETRANGE a 0 3"] = text_reply("abc\xc3");  // half of an umlaut

    const auto answer = bench.read({{"GET", "a"}});

    const auto& reply = answer.at("replies").at(0);
    CHECK(reply.at("value") == "abc");
    CHECK(reply.at("bytes") == "1000000");
    CHECK(reply.at("truncated") == true);
    CHECK(answer.at("truncated") == true);
    CHECK_THAT(std::string(answer.at("reason").as_string()), Catch::Contains("GETRANGE"));
    const auto asked = bench.source.commands();
    CHECK(std::find(asked.begin(), asked.end(), "GET a") == asked.end());
}

TEST_CASE("a large hash is not read, the other replies of the call are") {
    Bench bench;
    bench.source.replies["HLEN big"] = integer_reply(25'000);
    bench.source.replies["STRLEN a"] = integer_reply(1);
    bench.source.replies["GET a"] = text_reply("x");

    const auto answer = bench.read({{"HGETALL", "big"}, {"GET", "a"}});

    const auto& replies = answer.at("replies").as_array();
    CHECK(replies[0].at("type") == "refused");
    CHECK_THAT(std::string(replies[0].at("error").as_string()),
               Catch::Contains("25000 elements") && Catch::Contains("HSCAN"));
    CHECK(replies[1].at("value") == "x");
    const auto asked = bench.source.commands();
    CHECK(std::find(asked.begin(), asked.end(), "HGETALL big") == asked.end());
}

TEST_CASE("the answer stays within its budget, the file has everything") {
    Bench bench;
    bench.limits.preview_tokens_max = 200;
    const std::string large(5000, 'x');
    bench.source.replies["GET a"] = text_reply(large);
    bench.source.replies["GET b"] = text_reply("small");

    const auto answer = bench.read({{"GET", "a"}, {"GET", "b"}});

    CHECK(json::serialize(answer.at("replies")).size() <= 800);
    CHECK(answer.at("replies").at(0).at("truncated") == true);
    CHECK(answer.at("replies").at(1).at("value") == "small");
    CHECK_THAT(std::string(answer.at("reason").as_string()), Catch::Contains("read_evidence"));
    CHECK(json::parse(ToolBench::file(answer, "redis_value.read.json"))
              .at("replies")
              .at(0)
              .at("value")
              .as_string() == large);
}

TEST_CASE("a source that fails is a failed run with the tunnel's error") {
    Bench bench;
    bench.source.failure = sources::tunnel_error(bench.source.where, "connection refused");
    const auto error = bench.refusal(tools::redis::read_tool(bench.work()),
                                     {{"commands", json::array{json::array{"DBSIZE"}}}});
    CHECK(error.at("layer") == "tunnel");
}
