#include "tests/fakes/fake_redis_source.h"
#include "tests/support/tool_bench.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::sources::redis;
using casefile::tools::ToolBench;

namespace {

struct Bench : ToolBench {
    Bench() : source(add(std::make_unique<FakeRedisSource>("STAGING"))) { confirm("STAGING"); }

    /// One answer of SCAN: the cursor to go on from, and keys.
    void page(const std::string& cursor, const std::string& next, const std::vector<std::string>& keys,
              const std::string& match = "*") {
        std::vector<Reply> found;
        for (const auto& key : keys) {
            found.push_back(text_reply(key));
            source.replies["TYPE " + key] = status_reply("string");
            source.replies["PTTL " + key] = integer_reply(-1);
            source.replies["MEMORY USAGE " + key] = integer_reply(100);
        }
        source.replies["SCAN " + cursor + " MATCH " + match + " COUNT 1000"] =
            array_reply({text_reply(next), array_reply(std::move(found))});
    }
    json::object scan(json::object arguments = {}) {
        return call(tools::redis::scan_tool(work()), std::move(arguments));
    }

    FakeRedisSource& source;
};

}  // namespace

TEST_CASE("the scan walks until the cursor is back, and tells each key once with its facts") {
    Bench bench;
    bench.source.replies["DBSIZE"] = integer_reply(2500);
    bench.page("0", "17", {"product:2", "product:1"});
    bench.page("17", "0", {"product:1", "config"});
    bench.source.replies["PTTL config"] = integer_reply(5000);

    const auto answer = bench.scan();

    CHECK(answer.at("keys_found") == 3);
    CHECK(answer.at("scanned") == 2500);
    CHECK(answer.at("truncated") == false);
    CHECK(answer.at("keys").at(0) ==
          json::value{{"key", "config"}, {"type", "string"}, {"ttl_ms", 5000}, {"bytes", 100}});
    CHECK(answer.at("keys").at(1).at("key") == "product:1");
    CHECK(answer.at("patterns").at(0).at("pattern") == "product:{id}");
    CHECK(answer.at("patterns").at(0).at("keys") == 2);
    CHECK(answer.at("patterns").at(1).at("never_expire") == 0);
    CHECK(bench.progress == std::vector<double>{1000, 2000});
    const auto file = json::parse(ToolBench::file(answer, "redis_value.scan.json"));
    CHECK(file.at("keys").as_array().size() == 3);
    CHECK(file.at("complete") == true);
}

TEST_CASE("the scan stops at keys_max and says that it did not see everything") {
    Bench bench;
    bench.source.replies["DBSIZE"] = integer_reply(5000);
    bench.page("0", "17", {"a", "b", "c"});

    const auto answer = bench.scan({{"keys_max", 2}});

    CHECK(answer.at("keys_found") == 2);
    CHECK(answer.at("truncated") == true);
    CHECK_THAT(std::string(answer.at("reason").as_string()),
               Catch::Contains("keys_max 2 was reached") && Catch::Contains("1000 of 5000"));
}

TEST_CASE("exactly keys_max keys are everything there is") {
    Bench bench;
    bench.page("0", "0", {"a", "b"});
    CHECK(bench.scan({{"keys_max", 2}}).at("truncated") == false);
}

TEST_CASE("pattern and type go to the server") {
    Bench bench;
    bench.source.replies["SCAN 0 MATCH cart:* COUNT 1000 TYPE hash"] =
        array_reply({text_reply("0"), array_reply({})});

    const auto answer = bench.scan({{"match", "cart:*"}, {"type", "hash"}});

    CHECK(answer.at("keys_found") == 0);
    CHECK(bench.source.commands().front() == "SCAN 0 MATCH cart:* COUNT 1000 TYPE hash");
    CHECK_THAT(ToolBench::file(answer, "scan.redis"),
               Catch::Contains("SCAN 0 MATCH cart:* COUNT 1000 TYPE hash\n"));
}

TEST_CASE("a size that may not be asked is null, and a binary key is base64") {
    Bench bench;
    bench.page("0", "0", {"\xff"});
    bench.source.replies["MEMORY USAGE \xff"] = error_reply("NOPERM");

    const auto answer = bench.scan();

    CHECK(answer.at("keys").at(0).at("key") == json::value{{"base64", "/w=="}});
    CHECK(answer.at("keys").at(0).at("bytes").is_null());
}

TEST_CASE("an account that may not scan is told so, as the database's answer") {
    Bench bench;
    bench.source.replies["SCAN 0 MATCH * COUNT 1000"] = error_reply("NOPERM this user has no permissions");
    const auto error = bench.refusal(tools::redis::scan_tool(bench.work()), {});
    CHECK(error.at("layer") == "database");
    CHECK_THAT(std::string(error.at("message").as_string()), Catch::Contains("NOPERM"));
}

TEST_CASE("a cancelled scan ends") {
    Bench bench;
    bench.page("0", "17", {"a"});
    bench.page("17", "0", {"b"});
    bench.stop.request_stop();
    CHECK(bench.refusal(tools::redis::scan_tool(bench.work()), {}).at("kind") == "cancelled");
    CHECK(bench.source.asked.size() == 1);
}

TEST_CASE("many keys go to the file, the answer shows the first") {
    Bench bench;
    bench.limits.preview_tokens_max = 200;
    std::vector<std::string> keys;
    for (int i = 100; i < 1000; ++i) keys.push_back("product:" + std::to_string(i));
    bench.page("0", "0", keys);

    const auto answer = bench.scan();

    CHECK(answer.at("keys_found") == 900);
    CHECK(answer.at("keys").as_array().size() < 20);
    CHECK(answer.at("patterns").at(0).at("keys") == 900);
    CHECK_THAT(std::string(answer.at("reason").as_string()), Catch::Contains("all 900 keys are in the file"));
    CHECK(json::parse(ToolBench::file(answer, "redis_value.scan.json")).at("keys").as_array().size() == 900);
}
