// read_kafka on a real broker: transactions, compaction and tombstones, behind a name that does not resolve.

#include "tests/kafka/cluster.h"

using namespace casefile;

TEST_CASE("an advertised name that resolves nowhere is reached by its tunnel, and is told") {
    KafkaBench bench;
    const auto who =
        bench.source.fingerprint({std::chrono::steady_clock::now() + std::chrono::seconds(20), {}});
    REQUIRE(who);
    CHECK_THAT(json::serialize(who->facts) + json::serialize(who->identity),
               Catch::Contains("broker-1.internal:9092"));
}

TEST_CASE(
    "committed and aborted messages are read, the marks between are holes, and lag behind a mark is none") {
    KafkaBench bench;
    bench.cluster.writer.create_topic("payments", 1);
    bench.cluster.writer.produce_in_transaction("payments", {{0, "a", "1"}, {0, "b", "2"}}, true);
    bench.cluster.writer.produce_in_transaction("payments", {{0, "c", "3"}}, false);

    const auto answer = bench.read({{"topic", "payments"}, {"from", "earliest"}});

    REQUIRE(answer.at("messages").as_array().size() == 3);
    CHECK(answer.at("messages").at(2).at("value") == "3");
    CHECK(answer.at("ends").at(0).at("end") == "5");
    CHECK(answer.at("ends").at(0).at("holes") == 2);
    CHECK_THAT(string_or(answer, "isolation"), Catch::StartsWith("read_uncommitted"));

    // The last offset holds the mark of the aborted transaction.
    const auto none = bench.read({{"topic", "payments"}, {"from", "2099-01-01T00:00:00Z"}});
    CHECK(none.at("messages").as_array().empty());
    CHECK(none.at("notes").as_array().empty());

    bench.cluster.writer.commit("settled", "payments", {{0, 4}});
    const auto group = of_group(bench.lag({{"groups", {"settled"}}}), "settled");
    CHECK(group.at("lag") == "1");
    CHECK(group.at("verdict") == "UNKNOWN");
    CHECK_THAT(std::string(group.at("rule").as_string()),
               Catch::Contains("transaction markers look like this"));
}

TEST_CASE("what compaction took is a hole, and a tombstone is told as one") {
    KafkaBench bench;
    bench.cluster.writer.create_topic("profiles", 1,
                                      {{"cleanup.policy", "compact"},
                                       {"segment.ms", "100"},
                                       {"min.cleanable.dirty.ratio", "0.01"},
                                       {"max.compaction.lag.ms", "100"}});
    for (int i = 0; i < 5; ++i)
        bench.cluster.writer.produce(
            "profiles", {{0, "u1", "v" + std::to_string(i)}, {0, "u2", "w" + std::to_string(i)}});
    bench.cluster.writer.produce("profiles", {{0, "u1", std::nullopt}});
    // The segment that is written to is never compacted: a further message closes it.
    json::object answer;
    wait_until("the cleaner has run", [&] {
        bench.cluster.writer.produce("profiles", {{0, "u3", "tick"}});
        answer = bench.read({{"topic", "profiles"}, {"from", "earliest"}});
        return answer.at("ends").at(0).as_object().contains("holes");
    });
    CHECK_THAT(json::serialize(answer.at("notes")), Catch::Contains("hold no message"));
    const auto& messages = answer.at("messages").as_array();
    const auto tombstone = std::find_if(messages.begin(), messages.end(), [](const json::value& one) {
        return one.at("key") == "u1" && one.at("value").is_null();
    });
    REQUIRE(tombstone != messages.end());
    CHECK(tombstone->at("tombstone") == true);
}

TEST_CASE("a time, a key and chosen partitions say what is read") {
    KafkaBench bench;
    bench.cluster.writer.create_topic("events", 3);
    std::vector<KafkaWriter::Message> messages;
    for (int i = 0; i < 30; ++i)
        messages.push_back(
            {i % 3, "k" + std::to_string(i % 5), "v" + std::to_string(i), 1'795'356'000'000 + i * 1'000});
    bench.cluster.writer.produce("events", messages);

    const auto later =
        bench.read({{"topic", "events"}, {"from", "2026-11-22T14:00:20Z"}, {"partitions", {0, 2}}});
    CHECK(later.at("messages").as_array().size() == 7);  // 20, 21, 23, 24, 26, 27 and 29
    CHECK(later.at("notes").as_array().empty());
    const auto none = bench.read({{"topic", "events"}, {"from", "2026-11-22T15:00:00Z"}});
    CHECK(none.at("messages").as_array().empty());
    CHECK(none.at("notes").as_array().empty());
    CHECK(none.at("scanned") == 0);
    const auto keyed = bench.read({{"topic", "events"}, {"key", "k2"}});
    CHECK(keyed.at("messages").as_array().size() == 6);
    const auto newest = bench.read({{"topic", "events"}, {"messages_max", 2}});
    CHECK(newest.at("messages").at(0).at("value") == "v28");
    CHECK(newest.at("messages").at(1).at("value") == "v29");
}
