#include "base/text.h"
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
    const std::string framed("\0\0\0\1\2{\"a\":1}", 12);
    bench.message(3, framed);
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

TEST_CASE("what may be a frame is named so, left out before text, and filed whole") {
    Bench bench;
    const std::string framed("\0\0\0\1\2{\"a\":1}", 12);
    const std::string framed_key("\0\0\0\0\7order-1", 12);
    bench.message(1, framed).key = framed_key;
    const std::string avro("\0\0\0\0\7\x06\xff\xfe\0", 9);
    bench.message(2, avro);

    const auto answer = bench.read({});

    const auto& shown = answer.at("messages").at(0).as_object();
    CHECK(shown.at("value") == "{\"a\":1}");
    CHECK(
        shown.at("value_framing") ==
        "possible: the five bytes before, left out here, are as a schema registry puts them for schema 258");
    CHECK(shown.at("key") == "order-1");
    CHECK_THAT(std::string(shown.at("key_framing").as_string()), Catch::Contains("schema 7"));
    CHECK_FALSE(shown.contains("value_bytes"));
    // What follows is binary as well: nothing is taken off what a decoder needs.
    CHECK(answer.at("messages").at(1).at("value") == json::value{{"base64", to_base64(avro)}});
    CHECK(answer.at("messages").at(1).at("value_framing") ==
          "possible: the first five bytes are as a schema registry puts them for schema 7");
    const auto file = json::parse(ToolBench::file(answer, "kafka_messages.messages.json"));
    CHECK(file.at("messages").at(0).at("value_bytes") == json::value{{"base64", to_base64(framed)}});
    CHECK(file.at("messages").at(0).at("key_bytes") == json::value{{"base64", to_base64(framed_key)}});
    CHECK(file.at("messages").at(1).at("value") == json::value{{"base64", to_base64(avro)}});
}

TEST_CASE("numbers of 64 bits are shown whole, whatever their bytes are") {
    const std::vector<std::int64_t> numbers = {7, 16'777'215, 16'777'216, 20'000'000, 1'767'323'045'123};
    Bench bench;
    const auto bytes_of = [](std::int64_t number) {
        std::string out;
        for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
        return out;
    };
    for (const auto number : numbers) bench.message(number, bytes_of(number)).key = bytes_of(number);

    const auto answer = bench.read({});

    for (std::size_t i = 0; i < numbers.size(); ++i) {
        INFO(numbers[i]);
        const auto& line = answer.at("messages").at(i).as_object();
        CHECK(line.at("key") == json::value{{"base64", to_base64(bytes_of(numbers[i]))}});
        CHECK(line.at("value") == line.at("key"));
        CHECK_FALSE(line.contains("key_framing"));
        CHECK_FALSE(line.contains("value_framing"));
    }
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

TEST_CASE("an offset that is not in the partition is told, and a time that was given as one") {
    Bench bench;
    bench.source.marks[{"orders", 0}] = {{"orders", 0}, 5, 53, {}};
    const auto notes = [&](const json::value& from) {
        return json::serialize(bench.read({{"partition", 0}, {"from", from}}).at("notes"));
    };
    CHECK(notes(5000) == R"(["offset 5000 is outside 5..53 of partition 0; nothing was read"])");
    CHECK(notes("54") == R"(["offset 54 is outside 5..53 of partition 0; nothing was read"])");
    CHECK(notes(0) == R"(["offset 0 is outside 5..53 of partition 0; read from 5 on"])");
    CHECK(notes(1'795'356'000'000) ==
          R"(["offset 1795356000000 is outside 5..53 of partition 0; nothing was read; for a time, give )"
          R"(from as \"2026-11-22T14:00:00.000Z\""])");
    for (const auto& from : {json::value(5), json::value(53), json::value("earliest"), json::value("newest"),
                             json::value("2026-11-22T14:00:00Z")})
        CHECK(notes(from) == "[]");
    bench.source.marks[{"orders", 0}].error = "the partition has no leader";
    CHECK(notes(5000) == "[]");
}

TEST_CASE("a time that is given as a number without a partition is told how to be given") {
    Bench bench;
    const auto hint = [&](std::int64_t from) {
        return std::string(bench.refused({{"from", from}}).at("hint").as_string());
    };
    CHECK(hint(1'795'356'000'000) ==
          "name partition as well, or, for a time, give it as \"2026-11-22T14:00:00.000Z\"");
    CHECK(hint(42) == "name partition as well");
}

TEST_CASE("a time that the broker did not look up is told") {
    Bench bench;
    bench.source.times_searched = true;
    CHECK(json::serialize(bench.read({{"from", "2026-11-22T14:00:00Z"}}).at("notes")) ==
          R"(["the broker told no offset for any time: partitions were read from their first offset on, )"
          R"(and messages before the time left out"])");
}

TEST_CASE("a partition that no topic can have is refused as it was given") {
    Bench bench;
    for (const std::int64_t partition : {std::int64_t{-1}, std::int64_t{4'294'967'296}})
        CHECK(bench.refused({{"partitions", json::array{0, partition}}}).at("message").as_string() ==
              "partitions: expected 0..1000000 each, got " + std::to_string(partition));
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

TEST_CASE("more messages than asked for are told, with the way to the others") {
    Bench bench;
    for (int i = 0; i < 105; ++i) bench.message(i, "x");
    bench.source.marks[{"orders", 0}].end = 105;
    const auto reason = [&](json::object arguments, Stretch read) {
        bench.source.stretches = {read};
        const auto answer = bench.read(std::move(arguments));
        CHECK(answer.at("truncated") == true);
        return std::string(answer.at("reason").as_string());
    };
    const Stretch first{{"orders", 0}, 0, 4}, last{{"orders", 0}, 5, 105};

    CHECK(reason({{"from", "earliest"}, {"messages_max", 3}}, first) ==
          "more messages match behind the last one read: go on with partition and the offset after its last "
          "one in from, or raise messages_max");
    CHECK_THAT(reason({{"from", "earliest"}}, first),
               Catch::StartsWith("more messages match behind the last one read") &&
                   !Catch::Contains("messages_max"));
    CHECK(reason({{"messages_max", 3}}, last) ==
          "more messages match before those read: name a partition, an earlier offset or a time, or raise "
          "messages_max");
    CHECK_THAT(reason({}, last), Catch::StartsWith("more messages match before those read: name a partition, "
                                                   "an earlier offset or a time") &&
                                     !Catch::Contains("messages_max"));
    CHECK_THAT(reason({}, first), Catch::StartsWith("the end was not reached"));
}

TEST_CASE("a partition that could not be read is the reason that is told") {
    Bench bench;
    bench.message(1, "x");
    bench.source.marks[{"orders", 0}].end = 2;
    bench.source.stretches = {{{"orders", 0}, 0, 2, 0}};
    bench.source.marks[{"orders", 1}] = {{"orders", 1}, 0, 0, "the partition has no leader"};
    const auto answer = bench.read({});
    CHECK(answer.at("reason") == "1 of 2 partitions could not be read; ends tells why");
}

TEST_CASE("of more than fits the newest are shown whole, and by partition and offset") {
    Bench bench;
    bench.limits.preview_tokens_max = 500;
    const std::string document = R"({"order": 4711, "status": "paid", "currency": "EUR", "total": 10.10})";
    for (std::int32_t partition = 0; partition < 2; ++partition)
        for (int i = 0; i < 40; ++i) {
            auto& message = bench.message(i, document);
            message.partition.partition = partition;
            message.timestamp_ms += 10 * i + partition;
        }

    const auto newest = bench.read({});
    const auto earliest = bench.read({{"from", "earliest"}});

    const auto& shown = newest.at("messages").as_array();
    REQUIRE(shown.size() > 4);
    REQUIRE(shown.size() < 20);
    const auto of_first = shown.size() / 2;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        INFO(json::serialize(shown[i]));
        const bool first = i < of_first;
        const auto offset = first ? 40 - of_first + i : 40 - (shown.size() - of_first) + (i - of_first);
        CHECK(shown[i].at("partition") == (first ? 0 : 1));
        CHECK(shown[i].at("offset").as_string() == std::to_string(offset));
        CHECK(shown[i].at("value").as_string() == document);
        CHECK_FALSE(shown[i].as_object().contains("truncated"));
    }
    CHECK(newest.at("reason").as_string() ==
          "shown are the newest " + std::to_string(shown.size()) +
              " of 80 messages; the file has all whole, read_evidence pages through "
              "it");
    CHECK(earliest.at("messages").at(0).at("offset") == "0");
    CHECK_THAT(std::string(earliest.at("reason").as_string()), Catch::Contains("the first"));
}

TEST_CASE("one message that has the answer to itself is shown whole") {
    Bench bench;
    bench.limits.preview_tokens_max = 500;
    bench.message(1, std::string(1200, 'x'));
    const auto answer = bench.read({});
    CHECK(answer.at("messages").at(0).at("value").as_string().size() == 1200);
    CHECK(answer.at("truncated") == false);
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
    const auto& messages = answer.at("messages").as_array();
    CHECK(messages.back().at("offset") == "19");
    CHECK_THAT(std::string(answer.at("reason").as_string()),
               Catch::Contains("of 20 messages, long values in part"));
    const auto file = json::parse(ToolBench::file(answer, "kafka_messages.messages.json"));
    CHECK(file.at("messages").at(19).at("value").as_string() == large);
}
