// Kafka against librdkafka's mock cluster, which answers as a broker does, but lists and describes no groups.

#include "base/text.h"
#include "sources/kafka/source.h"
#include "tests/integration/sources/servers.h"

namespace casefile::sources::kafka {
namespace {

using sandbox::KafkaMock;

Endpoint endpoint_of(const std::string& brokers) {
    Endpoint out;
    out.kind = SourceKind::kafka;
    out.env = "PROD";
    out.variable = "KAFKA_PROD_BROKERS";
    out.brokers = split(brokers, ',');
    return out;
}

/// Topic "orders" with three partitions: 10 messages in 0, 5 in 1, none in 2.
struct Cluster {
    KafkaMock mock = KafkaMock::start(2).value();
    std::unique_ptr<KafkaSource> source;

    Cluster() {
        mock.create_topic("orders", 3).value();
        std::vector<KafkaMock::Message> messages;
        for (int i = 0; i < 15; ++i)
            messages.push_back({.topic = "orders",
                                .partition = i < 10 ? 0 : 1,
                                .key = "order-" + std::to_string(i % 4),
                                .value = "value " + std::to_string(i),
                                .headers = {{"trace", "t" + std::to_string(i)}},
                                .timestamp_ms = 1'800'000'000'000 + i});
        mock.produce(messages).value();
        auto endpoint = endpoint_of(mock.brokers());
        endpoint.groups = {"billing", "shipping"};
        source = make_kafka_source(endpoint, {});
    }
};

std::vector<std::string> values_of(const ReadEnd& end) {
    std::vector<std::string> out;
    for (const auto& message : end.messages)
        out.push_back(std::to_string(message.partition.partition) + "/" + std::to_string(message.offset) +
                      " " + message.value.value_or("(tombstone)"));
    return out;
}

}  // namespace

TEST_CASE("topics and the offsets at both ends of their partitions") {
    const Cluster cluster;

    const auto topics = cluster.source->topics(within(10s));
    const auto marks = cluster.source->watermarks(
        {{"orders", 0}, {"orders", 1}, {"orders", 2}, {"orders", 7}, {"nowhere", 0}}, within(10s));

    REQUIRE(topics);
    REQUIRE(topics->size() == 1);
    CHECK((*topics)[0].name == "orders");
    CHECK((*topics)[0].partitions == std::vector<std::int32_t>{0, 1, 2});
    REQUIRE(marks);
    REQUIRE(marks->size() == 5);
    CHECK((*marks)[0].low == 0);
    CHECK((*marks)[0].end == 10);
    CHECK((*marks)[1].end == 5);
    CHECK((*marks)[2].end == 0);
    CHECK((*marks)[2].error.empty());
    CHECK((*marks)[3].error == "there is no such topic or partition");
    CHECK((*marks)[4].error == "there is no such topic or partition");
}

TEST_CASE("asking for an unknown topic creates none") {
    const Cluster cluster;

    const auto read =
        cluster.source->read({.topic = "typo", .partitions = {}, .start = {}, .key = {}}, within(10s));
    static_cast<void>(cluster.source->watermarks({{"typo", 0}}, within(10s)));

    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::not_found);
    CHECK(read.error().message == "PROD kafka: there is no topic 'typo'");
    CHECK(read.error().hint == "topics there are: orders");
    CHECK(cluster.source->topics(within(10s)).value().size() == 1);
}

TEST_CASE("groups that the broker does not list come from the configuration, and the answer says so") {
    const Cluster cluster;

    const auto groups = cluster.source->groups(within(10s));

    REQUIRE(groups);
    CHECK_FALSE(groups->listed);
    CHECK(groups->names == std::vector<std::string>{"billing", "shipping"});
    CHECK(groups->reason.starts_with("the broker does not list groups ("));
}

TEST_CASE("committed offsets: zero, past the end, never, and of no other topic") {
    Cluster cluster;
    cluster.mock.create_topic("other", 1).value();
    cluster.mock.commit("billing", {{"orders", {{0, 0}, {1, 99}}}}).value();
    const std::vector<Partition> partitions = {{"orders", 0}, {"orders", 1}, {"orders", 2}, {"other", 0}};

    const auto groups = cluster.source->describe_groups({"billing", "nobody"}, partitions, within(20s));

    REQUIRE(groups);
    REQUIRE(groups->size() == 2);
    const auto& billing = (*groups)[0];
    CHECK(billing.name == "billing");
    CHECK(billing.error.empty());
    CHECK(billing.state == "unknown");
    CHECK(billing.note.starts_with("state and members unknown: "));
    REQUIRE(billing.offsets.size() == 3);
    CHECK(billing.offsets[0].offset == 0);
    CHECK(billing.offsets[1].offset == 99);  // past the end of 5: the lag is negative
    CHECK(billing.offsets[2].partition == Partition{"orders", 2});
    CHECK_FALSE(billing.offsets[2].offset);
    CHECK((*groups)[1].offsets.empty());
}

TEST_CASE("the newest messages are read from the end, by partition and offset") {
    const Cluster cluster;

    const auto end = cluster.source->read({.topic = "orders",
                                           .partitions = {},
                                           .start = {Start::Kind::newest, 2},
                                           .messages_max = 10,
                                           .key = {}},
                                          within(20s));

    REQUIRE(end);
    CHECK(values_of(*end) ==
          std::vector<std::string>{"0/8 value 8", "0/9 value 9", "1/3 value 13", "1/4 value 14"});
    CHECK_FALSE(end->truncated);
    CHECK(end->watermarks.size() == 3);
    const auto& message = end->messages[0];
    CHECK(message.key == "order-0");
    CHECK(message.timestamp_ms == 1'800'000'000'008);
    REQUIRE(message.headers.size() == 1);
    CHECK(message.headers[0].first == "trace");
    CHECK(message.headers[0].second == "t8");
}

TEST_CASE("a read that has more than it may tell keeps the newest, and says that there is more") {
    const Cluster cluster;

    const auto end = cluster.source->read({.topic = "orders",
                                           .partitions = {},
                                           .start = {Start::Kind::newest, 5},
                                           .messages_max = 3,
                                           .key = {}},
                                          within(20s));

    REQUIRE(end);
    CHECK(values_of(*end) == std::vector<std::string>{"1/2 value 12", "1/3 value 13", "1/4 value 14"});
    CHECK(end->truncated);
}

TEST_CASE("a read from an offset goes on to the end that was seen, or to its limit") {
    const Cluster cluster;
    ReadRequest request{.topic = "orders", .partitions = {0}, .start = {Start::Kind::offset, 7}, .key = {}};

    const auto all = cluster.source->read(request, within(20s));
    request.messages_max = 2;
    const auto some = cluster.source->read(request, within(20s));
    request.start.value = 1000;
    const auto none = cluster.source->read(request, within(20s));

    REQUIRE(all);
    CHECK(values_of(*all) == std::vector<std::string>{"0/7 value 7", "0/8 value 8", "0/9 value 9"});
    CHECK_FALSE(all->truncated);
    REQUIRE(some);
    CHECK(values_of(*some) == std::vector<std::string>{"0/7 value 7", "0/8 value 8"});
    CHECK(some->truncated);
    REQUIRE(none);
    CHECK(none->messages.empty());
    CHECK_FALSE(none->truncated);
}

// The mock cluster looks up no times: it finds no offset for any.
TEST_CASE("a time that the broker does not look up is found by reading") {
    const Cluster cluster;
    const auto read_from = [&](std::int64_t time, std::optional<std::string> key) {
        return cluster.source
            ->read({.topic = "orders",
                    .partitions = {},
                    .start = {Start::Kind::timestamp_ms, time},
                    .key = std::move(key)},
                   within(20s))
            .value();
    };

    const auto some = read_from(1'800'000'000'008, {});
    const auto keyed = read_from(1'800'000'000'008, "order-2");
    const auto none = read_from(1'800'000'000'015, {});

    CHECK(values_of(some) == std::vector<std::string>{"0/8 value 8", "0/9 value 9", "1/0 value 10",
                                                      "1/1 value 11", "1/2 value 12", "1/3 value 13",
                                                      "1/4 value 14"});
    CHECK(some.times_searched);
    CHECK_FALSE(some.truncated);
    CHECK(values_of(keyed) == std::vector<std::string>{"1/0 value 10", "1/4 value 14"});
    CHECK(none.messages.empty());
    CHECK(none.times_searched);
}

TEST_CASE("a read by key tells only messages with exactly this key, and how many it looked at") {
    const Cluster cluster;

    const auto end = cluster.source->read(
        {.topic = "orders", .partitions = {}, .start = {Start::Kind::offset, 0}, .key = "order-3"},
        within(20s));

    REQUIRE(end);
    CHECK(values_of(*end) == std::vector<std::string>{"0/3 value 3", "0/7 value 7", "1/1 value 11"});
    CHECK(end->scanned == 15);
}

TEST_CASE("the first message at many places is read at once, the same partition more than once") {
    const Cluster cluster;

    const auto first = cluster.source->first_messages({{{"orders", 0}, 0},
                                                       {{"orders", 0}, 9},
                                                       {{"orders", 1}, 2},
                                                       {{"orders", 2}, 0},
                                                       {{"orders", 0}, 10},
                                                       {{"orders", 0}, 99}},
                                                      within(10s));

    REQUIRE(first);
    REQUIRE(first->size() == 6);
    using Kind = FirstMessage::Kind;
    CHECK((*first)[0].timestamp_ms == 1'800'000'000'000);
    CHECK((*first)[1].timestamp_ms == 1'800'000'000'009);
    CHECK((*first)[2].timestamp_ms == 1'800'000'000'012);
    CHECK((*first)[2].kind == Kind::found);
    CHECK((*first)[3].kind == Kind::nothing);
    CHECK((*first)[4].kind == Kind::nothing);
    CHECK((*first)[5].kind == Kind::unknown);  // beyond the end
    CHECK(cluster.source
              ->read({.topic = "orders", .partitions = {0}, .start = {Start::Kind::newest, 1}, .key = {}},
                     within(10s))
              .value()
              .stretches.at(0)
              .holes == 0);
}

TEST_CASE("a read stops at its limit of bytes") {
    const Cluster cluster;

    const auto end = cluster.source->read(
        {.topic = "orders", .partitions = {0}, .start = {Start::Kind::offset, 0}, .bytes_max = 20, .key = {}},
        within(20s));

    REQUIRE(end);
    CHECK(end->messages.size() == 2);
    CHECK(end->truncated);
}

TEST_CASE("where the bytes do not suffice for the newest, the oldest of them are left out") {
    const Cluster cluster;
    ReadRequest request{.topic = "orders", .partitions = {0}, .start = {Start::Kind::newest, 5}, .key = {}};
    const auto all = cluster.source->read(request, within(20s)).value();
    request.bytes_max = 20;
    const auto some = cluster.source->read(request, within(20s)).value();
    CHECK(some.messages.size() < all.messages.size());
    CHECK(some.messages.back().offset == all.messages.back().offset);
}

TEST_CASE("an empty topic ends at once") {
    Cluster cluster;
    cluster.mock.create_topic("empty", 2).value();

    const auto end =
        cluster.source->read({.topic = "empty", .partitions = {}, .start = {}, .key = {}}, within(10s));

    REQUIRE(end);
    CHECK(end->messages.empty());
    CHECK_FALSE(end->truncated);
}

TEST_CASE("a partition that a topic does not have is named") {
    const Cluster cluster;

    const auto end =
        cluster.source->read({.topic = "orders", .partitions = {9}, .start = {}, .key = {}}, within(10s));

    REQUIRE_FALSE(end);
    CHECK(end.error().message == "PROD kafka: topic 'orders' has no partition 9: expected 0..2");
}

TEST_CASE("a refused connection asks for the Kafka tunnel, long before the deadline") {
    const auto place = "127.0.0.1:" + std::to_string(sandbox::free_port().value());
    const auto source = make_kafka_source(endpoint_of(place), {});
    const auto start = Steady::now();

    const auto topics = source->topics(within(60s));

    CHECK(Steady::now() - start < 10s);
    REQUIRE_FALSE(topics);
    CHECK(topics.error().kind == ErrorKind::unavailable);
    CHECK(topics.error().message == "no answer from " + place + " (connection refused)");
    CHECK(topics.error().hint.starts_with("is the tunnel on " + place + " up?"));
}

TEST_CASE("a broker that never answers ends at the deadline") {
    const SilentListener nowhere;
    const auto source = make_kafka_source(endpoint_of("127.0.0.1:" + std::to_string(nowhere.port)), {});
    const auto start = Steady::now();

    const auto topics = source->topics(within(700ms));

    CHECK(Steady::now() - start < 10s);
    REQUIRE_FALSE(topics);
    CHECK(topics.error().kind == ErrorKind::timed_out);
    CHECK_THAT(topics.error().message, Catch::Contains("did not speak Kafka in time"));
}

TEST_CASE("a port where something else than Kafka answers asks where the tunnel leads") {
    const auto place = "127.0.0.1:" + std::to_string(redis_server().server.port);
    const auto source = make_kafka_source(endpoint_of(place), {});

    const auto topics = source->topics(within(2s));

    REQUIRE_FALSE(topics);
    CHECK_THAT(topics.error().message,
               Catch::StartsWith(place + " accepted the connection and did not speak Kafka in time: reading "
                                         "the cluster's metadata came to nothing"));
    CHECK_THAT(topics.error().hint,
               Catch::StartsWith("check that the tunnel on " + place + " leads to a Kafka broker"));
    CHECK(topics.error().layer == Layer::tunnel);
}

TEST_CASE("a stop request ends a call that waits for a broker") {
    const SilentListener nowhere;
    const auto source = make_kafka_source(endpoint_of("127.0.0.1:" + std::to_string(nowhere.port)), {});
    std::stop_source stop;
    std::thread person([&] { stop.request_stop(); });
    const auto start = Steady::now();

    const auto topics = source->topics(within(60s, stop.get_token()));

    person.join();
    CHECK(Steady::now() - start < 10s);
    REQUIRE_FALSE(topics);
    CHECK(topics.error().kind == ErrorKind::cancelled);
}

TEST_CASE("one tunnel: every address that the cluster advertises is reached through it") {
    const auto mock = KafkaMock::start(1).value();
    const auto source = make_kafka_source(endpoint_of(mock.brokers()), {});

    CHECK(source->topics(within(10s)));
}

TEST_CASE("an advertised address without a tunnel is an error that names it and the line to add") {
    Cluster cluster;
    const auto addresses = split(cluster.mock.brokers(), ',');
    auto endpoint = endpoint_of(addresses[0]);
    endpoint.tunnels = {{"broker-9.internal:9092", addresses[0]}};
    const auto source = make_kafka_source(endpoint, {});

    // The mock draws leaders by lot; of so many partitions some are led by the broker without a tunnel.
    REQUIRE(cluster.mock.create_topic("wide", 32));
    std::vector<Partition> partitions;
    for (std::int32_t i = 0; i < 32; ++i) partitions.push_back({"wide", i});

    const auto marks = source->watermarks(partitions, within(10s));

    REQUIRE_FALSE(marks);
    CHECK(marks.error().message.starts_with("no tunnel is known for " + addresses[1]));
    CHECK(marks.error().hint.find("kafka.PROD.tunnels {\"" + addresses[1] + "\": \"127.0.0.1:") !=
          std::string::npos);
}

TEST_CASE("a Kafka fingerprint says which cluster it is, and keeps no name of a topic") {
    const Cluster cluster;

    const auto fingerprint = cluster.source->fingerprint(within(10s));
    const auto again = cluster.source->fingerprint(within(10s));
    const Cluster other;
    const auto elsewhere = other.source->fingerprint(within(10s));

    REQUIRE(fingerprint);
    CHECK_FALSE(string_or(fingerprint->identity, "cluster_id").empty());
    CHECK(string_or(fingerprint->facts, "topics") == "1");
    CHECK(fingerprint->facts.at("brokers").as_array().size() == 2);
    const auto text = json::serialize(fingerprint->identity) + json::serialize(fingerprint->facts);
    CHECK(text.find("orders") == std::string::npos);
    REQUIRE(again);
    CHECK(again->identity == fingerprint->identity);
    REQUIRE(elsewhere);
    CHECK(elsewhere->identity != fingerprint->identity);
}

}  // namespace casefile::sources::kafka
