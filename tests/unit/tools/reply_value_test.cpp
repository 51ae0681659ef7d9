// The shapes that replies of Redis take as JSON.

#include "tools/redis/reply_value.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/support/catch.h"
#include "tests/support/tool_bench.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::sources::redis;
using casefile::tools::ToolBench;
using casefile::tools::redis::shaped_value;

namespace {

Reply texts(const std::vector<std::string>& all) {
    std::vector<Reply> items;
    for (const auto& text : all) items.push_back(text_reply(text));
    return array_reply(std::move(items));
}

Reply entry(const std::string& id, const std::vector<std::string>& fields) {
    return array_reply({text_reply(id), texts(fields)});
}

}  // namespace

TEST_CASE("entries of a stream come with their id and named fields") {
    const auto entries =
        array_reply({entry("1-1", {"price", "10.10", "n", "9007199254740993"}), entry("1-2", {})});
    const auto expected = json::parse(
        R"([{"id":"1-1","fields":{"price":"10.10","n":"9007199254740993"}},{"id":"1-2","fields":{}}])");
    CHECK(shaped_value({"xrange", "s", "-", "+", "COUNT", "2"}, entries) == expected);
    CHECK(shaped_value({"XREVRANGE", "s", "+", "-", "COUNT", "2"}, entries) == expected);
    CHECK(shaped_value({"XREAD", "COUNT", "2", "STREAMS", "s", "0"},
                       array_reply({array_reply({text_reply("s"), entries})})) ==
          json::value(json::array{json::object{{"key", "s"}, {"entries", expected}}}));
}

TEST_CASE("a field that occurs twice, or is no text, is not lost in an object") {
    CHECK(shaped_value({"XRANGE", "s", "-", "+", "COUNT", "1"},
                       array_reply({entry("1-1", {"a", "1", "a", "2"})})) ==
          json::parse(R"([{"id":"1-1","fields":["a","1","a","2"]}])"));
    CHECK(shaped_value({"HGETALL", "h"}, texts({"\xFF", "1"})) == json::parse(R"([{"base64":"/w=="},"1"])"));
    CHECK(shaped_value({"HGETALL", "h"}, texts({"a", "1", "b", ""})) == json::parse(R"({"a":"1","b":""})"));
}

TEST_CASE("facts about a stream come by name, its entries within them as entries") {
    const auto facts = array_reply({text_reply("length"), integer_reply(2), text_reply("groups"),
                                    integer_reply(1), text_reply("first-entry"), entry("1-1", {"f", "v"}),
                                    text_reply("last-entry"), nil_reply()});
    CHECK(shaped_value({"XINFO", "STREAM", "s"}, facts) ==
          json::parse(R"({"length":"2","groups":"1","first-entry":{"id":"1-1","fields":{"f":"v"}},)"
                      R"("last-entry":null})"));
    const auto group = array_reply({text_reply("name"), text_reply("workers"), text_reply("consumers"),
                                    integer_reply(3), text_reply("pending"), integer_reply(7)});
    CHECK(shaped_value({"XINFO", "GROUPS", "s"}, array_reply({group})) ==
          json::parse(R"([{"name":"workers","consumers":"3","pending":"7"}])"));
    CHECK(shaped_value({"XINFO", "STREAM", "s", "FULL"},
                       array_reply({text_reply("entries"), array_reply({entry("1-1", {"f", "v"})}),
                                    text_reply("groups"), array_reply({group})}))
              .at("groups") == json::parse(R"([{"name":"workers","consumers":"3","pending":"7"}])"));
}

TEST_CASE("what is pending comes as a summary, or entry by entry") {
    CHECK(
        shaped_value({"XPENDING", "s", "workers"},
                     array_reply({integer_reply(2), text_reply("1-1"), text_reply("1-2"),
                                  array_reply({texts({"ann", "2"})})})) ==
        json::parse(
            R"({"pending":"2","first":"1-1","last":"1-2","consumers":[{"consumer":"ann","pending":"2"}]})"));
    CHECK(shaped_value({"XPENDING", "s", "workers", "-", "+", "10"},
                       array_reply({array_reply({text_reply("1-1"), text_reply("ann"), integer_reply(5000),
                                                 integer_reply(3)})})) ==
          json::parse(R"([{"id":"1-1","consumer":"ann","idle_ms":"5000","deliveries":"3"}])"));
}

TEST_CASE("a reply of a shape that nobody expects comes as it is") {
    for (const auto& command : std::vector<Command>{{"XRANGE", "s", "-", "+", "COUNT", "1"},
                                                    {"XREAD", "COUNT", "1", "STREAMS", "s", "0"},
                                                    {"XINFO", "STREAM", "s"},
                                                    {"XPENDING", "s", "g"},
                                                    {"XPENDING", "s", "g", "-", "+", "1"},
                                                    {"HGETALL", "h"}})
        CHECK(shaped_value(command, texts({"odd"})) == json::parse(R"(["odd"])"));
    CHECK(shaped_value({"XINFO", "GROUPS", "s"}, error_reply("ERR no such key")) ==
          json::parse(R"({"error":"ERR no such key"})"));
}

TEST_CASE("a document of the JSON module comes as the text that it is, no digit changed") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeRedisSource>("STAGING"));
    bench.confirm("STAGING");
    const std::string document = R"({"price":10.10,"n":12345678901234567890123})";
    source.replies["MEMORY USAGE doc"] = integer_reply(200);
    source.replies["JSON.GET doc $"] = text_reply(document);
    source.replies["TYPE doc"] = status_reply("ReJSON-RL");
    source.replies["PTTL doc"] = integer_reply(-1);

    const auto answer = bench.call(tools::redis::read_tool(bench.work()),
                                   {{"commands", json::array{json::array{"JSON.GET", "doc", "$"}}}});

    CHECK(answer.at("replies").at(0).at("value").as_string() == document);
    CHECK(answer.at("replies").at(0).at("type") == "ReJSON-RL");
}

TEST_CASE("hundreds of commands go in one call, their sizes asked for in one pipeline before") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeRedisSource>("STAGING"));
    bench.confirm("STAGING");
    json::array commands;
    for (int i = 0; i < 500; ++i) {
        const auto key = "k" + std::to_string(i);
        commands.push_back(json::array{"GET", key});
        source.replies["GET " + key] = text_reply("value of " + key);
    }
    const auto answer = bench.call(tools::redis::read_tool(bench.work()), {{"commands", commands}});
    REQUIRE(answer.at("replies").as_array().size() == 500);
    CHECK(source.asked.size() == 2);
    const auto file = json::parse(ToolBench::file(answer, "redis_value.read.json"));
    CHECK(file.at("replies").at(499).at("value") == "value of k499");
}
