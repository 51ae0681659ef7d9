#include "tests/fakes/fake_kafka_source.h"
#include "tests/support/tool_bench.h"
#include "tools/kafka/tools.h"

using namespace casefile;
using namespace casefile::sources::kafka;
using casefile::tools::ToolBench;

namespace {

struct Bench : ToolBench {
    Bench() : source(add(std::make_unique<FakeKafkaSource>("STAGING"))) {
        source.marks[{"orders", 0}] = {{"orders", 0}, 0, 100, {}};
        confirm("STAGING");
    }
    Message& message(std::int64_t offset, std::optional<std::string> value) {
        source.messages.push_back({.partition = {"orders", 0},
                                   .offset = offset,
                                   .timestamp_ms = clock.now().time_since_epoch().count(),
                                   .key = "o-1",
                                   .value = std::move(value),
                                   .headers = {}});
        return source.messages.back();
    }
    json::object read(json::object arguments) {
        arguments["topic"] = "orders";
        return call(tools::kafka::read_tool(work()), std::move(arguments));
    }
    json::object refused(json::object arguments) {
        arguments["topic"] = "orders";
        return refusal(tools::kafka::read_tool(work()), std::move(arguments));
    }

    FakeKafkaSource& source;
};

}  // namespace

TEST_CASE("a message is told as it was sent") {
    Bench bench;
    const std::string document = R"({"total": 10.10, "id": 12345678901234567890})";
    bench.message(7, document).headers = {{"trace", "abc"}, {"empty", std::nullopt}};

    const auto answer = bench.read({});

    CHECK(answer.at("messages").at(0) ==
          json::value{
              {"partition", 0},
              {"offset", "7"},
              {"timestamp", "2026-11-22T14:00:00.000Z"},
              {"key", "o-1"},
              {"headers", {{{"name", "trace"}, {"value", "abc"}}, {{"name", "empty"}, {"value", nullptr}}}},
              {"value", std::string_view(document)}});
    CHECK(answer.at("ends").at(0) == json::value{{"partition", 0}, {"low", "0"}, {"end", "100"}});
    CHECK(answer.at("truncated") == false);
    const auto file = json::parse(ToolBench::file(answer, "kafka_messages.messages.json"));
    CHECK(file.at("messages").at(0).at("value").as_string() == document);
}

TEST_CASE("tombstones, binary values and schema numbers are told apart") {
    Bench bench;
    bench.message(1, std::nullopt);
    bench.message(2, "\xff\xfe");
    bench.message(3, std::string("\0\0\0\1\2{\"a\":1}", 12));
    bench.message(4, "").timestamp_ms = -1;

    const auto answer = bench.read({});

    const auto& messages = answer.at("messages").as_array();
    CHECK(messages[0].at("value").is_null());
    CHECK(messages[0].at("tombstone") == true);
    CHECK_FALSE(messages[3].as_object().contains("tombstone"));
    CHECK(messages[1].at("value") == json::value{{"base64", "//4="}});
    CHECK(messages[2].at("value") == "{\"a\":1}");
    CHECK_THAT(std::string(messages[2].at("value_framing").as_string()), Catch::Contains("schema 258"));
    CHECK(messages[3].at("value") == "");
    CHECK(messages[3].at("timestamp").is_null());
}

TEST_CASE("a framed key is named as well, and a plain number is not taken for one") {
    Bench bench;
    bench.message(1, "x").key = std::string("\0\0\0\0\7key", 8);
    bench.message(2, std::string("\0\0\0\0\0\0\0\7", 8)).key = std::nullopt;

    const auto answer = bench.read({});

    CHECK(answer.at("messages").at(0).at("key") == "key");
    CHECK(answer.at("messages").at(0).at("key_framing") ==
          "schema registry: the five bytes before name schema 7");
    CHECK(answer.at("messages").at(1).at("value") == json::value{{"base64", "AAAAAAAAAAc="}});
    CHECK_FALSE(answer.at("messages").at(1).as_object().contains("value_framing"));
}

TEST_CASE("offsets without a message are told, and how messages of transactions are read") {
    Bench bench;
    bench.message(1, "x");
    bench.source.stretches = {{{"orders", 0}, 0, 100, 99}};

    const auto answer = bench.read({});

    CHECK(answer.at("ends").at(0) == json::value{{"partition", 0},
                                                 {"low", "0"},
                                                 {"end", "100"},
                                                 {"read", {{"from", "0"}, {"until", "100"}}},
                                                 {"holes", 99}});
    CHECK(
        json::serialize(answer.at("notes")) ==
        R"(["99 offsets of those looked at hold no message: marks of transactions, or what compaction took; )"
        R"(where producers use transactions, a message of an aborted one looks like any other here"])");
    CHECK(answer.at("isolation") ==
          "read_uncommitted: messages of open and aborted transactions are among these");
}

TEST_CASE("where to begin is understood in each form") {
    struct Row {
        json::object arguments;
        Start::Kind kind;
        std::int64_t value;
    };
    const std::vector<Row> rows = {
        {{}, Start::Kind::newest, 100},
        {{{"from", "newest"}, {"messages_max", 5}}, Start::Kind::newest, 5},
        {{{"key", "o-1"}}, Start::Kind::newest, 10'000},
        {{{"from", "earliest"}}, Start::Kind::offset, 0},
        {{{"from", 42}, {"partition", 0}}, Start::Kind::offset, 42},
        {{{"from", "9007199254740993"}, {"partition", 0}}, Start::Kind::offset, 9'007'199'254'740'993},
        {{{"from", "2026-11-22T15:00:00+01:00"}}, Start::Kind::timestamp_ms, 1'795'356'000'000},
    };
    for (const auto& row : rows) {
        INFO(json::serialize(row.arguments));
        Bench bench;
        bench.read(row.arguments);
        REQUIRE(bench.source.requests.size() == 1);
        CHECK(bench.source.requests[0].start.kind == row.kind);
        CHECK(bench.source.requests[0].start.value == row.value);
    }
}

TEST_CASE("a place that cannot be meant is refused before the source is asked") {
    const std::vector<std::pair<json::object, std::string>> rows = {
        {{{"from", 42}}, "an offset is a place in one partition"},
        {{{"from", -1}, {"partition", 0}}, "0 or more"},
        {{{"from", "yesterday"}}, "expected newest, earliest, an offset or an RFC 3339 time"},
        {{{"from", true}}, "expected newest"},
        {{{"messages_max", 101}}, "messages_max: expected 1..100"},
    };
    for (const auto& [arguments, message] : rows) {
        Bench bench;
        CHECK_THAT(std::string(bench.refused(arguments).at("message").as_string()), Catch::Contains(message));
        CHECK(bench.source.asked.empty());
    }
}

TEST_CASE("a read by key says how far back it looked when there is more") {
    Bench bench;
    bench.source.marks[{"orders", 0}].end = 50'000;
    bench.message(49'000, "x");

    const auto answer = bench.read({{"key", "o-1"}});

    CHECK(answer.at("messages").as_array().size() == 1);
    CHECK_THAT(std::string(answer.at("reason").as_string()),
               Catch::Contains("newest 10000 messages of each partition"));
}

TEST_CASE("more messages than asked for are told") {
    Bench bench;
    for (int i = 0; i < 5; ++i) bench.message(i, "x");
    const auto answer = bench.read({{"from", "earliest"}, {"messages_max", 3}});
    CHECK(answer.at("messages").as_array().size() == 3);
    CHECK(answer.at("truncated") == true);
}

TEST_CASE("long values are shown in part and filed whole") {
    Bench bench;
    bench.limits.preview_tokens_max = 300;
    const std::string large(3000, 'x');
    for (int i = 0; i < 20; ++i) bench.message(i, large);

    const auto answer = bench.read({});

    CHECK(json::serialize(answer.at("messages")).size() < 1400);
    CHECK(answer.at("messages").as_array().size() > 3);
    CHECK(answer.at("messages").at(0).at("truncated") == true);
    CHECK(answer.at("messages").at(0).at("offset") == "0");
    CHECK_THAT(std::string(answer.at("reason").as_string()), Catch::Contains("of 20 messages"));
    const auto file = json::parse(ToolBench::file(answer, "kafka_messages.messages.json"));
    CHECK(file.at("messages").at(19).at("value").as_string() == large);
}
