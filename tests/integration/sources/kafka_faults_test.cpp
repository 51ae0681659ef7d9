// Faults that a broker answers with, injected into a mock cluster of our own.

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "sources/kafka/metadata.h"
#include "tests/integration/sources/servers.h"

namespace casefile::sources::kafka {
namespace {

constexpr std::int16_t list_offsets = 2, offset_fetch = 9;

class FaultyCluster {
  public:
    FaultyCluster() {
        char why[256];
        auto* conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "log_level", "2", why,
                          sizeof why);  // it complains that it has no brokers itself
        handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
        cluster_ = rd_kafka_mock_cluster_new(handle_, 1);
        rd_kafka_mock_topic_create(cluster_, "orders", 1, 1);
    }
    FaultyCluster(const FaultyCluster&) = delete;
    FaultyCluster& operator=(const FaultyCluster&) = delete;
    ~FaultyCluster() {
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(handle_);
    }

    void answer(std::int16_t api, const std::vector<rd_kafka_resp_err_t>& errors) {
        rd_kafka_mock_push_request_errors_array(cluster_, api, errors.size(), errors.data());
    }
    /// A message without a value, which deletes what is kept under its key.
    void produce_tombstone(const std::string& key) {
        char why[256];
        auto* conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_), why,
                          sizeof why);
        auto* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
        auto* topic = rd_kafka_topic_new(producer, "orders", nullptr);
        rd_kafka_produce(topic, 0, 0, nullptr, 0, key.data(), key.size(), nullptr);
        rd_kafka_flush(producer, 10'000);
        rd_kafka_topic_destroy(topic);
        rd_kafka_destroy(producer);
    }
    void set_down(bool down) {
        if (down)
            rd_kafka_mock_broker_set_down(cluster_, 1);
        else
            rd_kafka_mock_broker_set_up(cluster_, 1);
    }
    Endpoint endpoint() const {
        Endpoint endpoint;
        endpoint.kind = SourceKind::kafka;
        endpoint.env = "PROD";
        endpoint.variable = "KAFKA_PROD_BROKERS";
        endpoint.brokers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
        return endpoint;
    }
    std::unique_ptr<KafkaSource> source() const { return make_kafka_source(endpoint(), {}); }

  private:
    rd_kafka_t* handle_ = nullptr;
    rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace

// librdkafka 2.0.2 ends the whole process here when its handle has no group.id.
TEST_CASE("a coordinator that is on the move is asked again, and does not end the process") {
    for (const auto code : {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR}) {
        FaultyCluster cluster;
        cluster.answer(offset_fetch, {code, code});

        const auto groups = cluster.source()->describe_groups({"billing"}, {{"orders", 0}}, within(20s));

        REQUIRE(groups);
        CHECK((*groups)[0].error.empty());
    }
}

TEST_CASE("a coordinator that stays away is an error of its groups, not of the call") {
    FaultyCluster cluster;
    cluster.answer(offset_fetch, std::vector(50, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE));

    const auto groups = cluster.source()->describe_groups({"billing"}, {{"orders", 0}}, within(20s));

    REQUIRE(groups);
    CHECK((*groups)[0].error.find("oordinator not available") != std::string::npos);
    CHECK((*groups)[0].offsets.empty());
}

TEST_CASE("a group that the account may not read is an error of that group") {
    FaultyCluster cluster;
    cluster.answer(offset_fetch, {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED});

    const auto groups =
        cluster.source()->describe_groups({"billing", "shipping"}, {{"orders", 0}}, within(20s));

    REQUIRE(groups);
    CHECK((*groups)[0].error.find("uthorization failed") != std::string::npos);
    CHECK((*groups)[1].error.empty());
}

TEST_CASE("a partition whose offsets cannot be told is an error of that partition") {
    FaultyCluster cluster;
    cluster.answer(list_offsets, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});

    const auto marks = cluster.source()->watermarks({{"orders", 0}}, within(10s));

    if (marks)
        CHECK((*marks)[0].error.find("uthorization failed") != std::string::npos);
    else
        CHECK(marks.error().kind == ErrorKind::denied);
}

TEST_CASE("a time that cannot be looked up is an error, and not an answer without messages") {
    FaultyCluster cluster;
    cluster.produce_tombstone("order-1");
    constexpr auto fine = RD_KAFKA_RESP_ERR_NO_ERROR;
    cluster.answer(list_offsets, {fine, fine, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});

    const auto end = cluster.source()->read(
        {.topic = "orders", .partitions = {}, .start = {Start::Kind::timestamp_ms, 0}, .key = {}},
        within(20s));

    REQUIRE_FALSE(end);
    CHECK(end.error().message == "PROD kafka refused reading offsets: Broker: Topic authorization failed");
}

TEST_CASE("a message without a value is a tombstone, which is not an empty value") {
    FaultyCluster cluster;
    cluster.produce_tombstone("order-1");

    const auto end = cluster.source()->read(
        {.topic = "orders", .partitions = {}, .start = {Start::Kind::newest, 1}, .key = {}}, within(20s));

    REQUIRE(end);
    REQUIRE(end->messages.size() == 1);
    CHECK(end->messages[0].key == "order-1");
    CHECK_FALSE(end->messages[0].value);
}

// Else every client would be taken for one that may have been led elsewhere, and none would be kept.
TEST_CASE("the connection for the group that is never joined counts for no reconnection") {
    const FaultyCluster cluster;
    const auto endpoint = cluster.endpoint();
    const auto handle = ClusterHandle::open(endpoint).value();
    REQUIRE(fetch_metadata(*handle, within(10s)));
    handle->know({{"cluster_id", "x"}});

    // Only by that connection can this be answered.
    const std::vector<Partition> orders = {{"orders", 0}};
    REQUIRE(rd_kafka_committed(handle->get(), list_of(orders, RD_KAFKA_OFFSET_INVALID).get(), 20'000) ==
            RD_KAFKA_RESP_ERR_NO_ERROR);

    CHECK_FALSE(handle->reconnected());
}

TEST_CASE("a broker that is connected to anew is noticed") {
    FaultyCluster cluster;
    const auto endpoint = cluster.endpoint();
    const auto handle = ClusterHandle::open(endpoint).value();
    REQUIRE(fetch_metadata(*handle, within(10s)));
    handle->know({{"cluster_id", "x"}});

    cluster.set_down(true);
    CHECK_FALSE(fetch_metadata(*handle, within(2s)));
    cluster.set_down(false);

    REQUIRE(fetch_metadata(*handle, within(20s)));
    CHECK(handle->reconnected());
}

TEST_CASE("a broker that comes back is read again") {
    FaultyCluster cluster;
    const auto source = cluster.source();
    REQUIRE(source->topics(within(10s)));
    cluster.set_down(true);
    const auto away = source->topics(within(3s));
    cluster.set_down(false);

    const auto back = source->topics(within(20s));

    REQUIRE_FALSE(away);
    // It spoke Kafka before: the tunnel leads where it should.
    CHECK_THAT(away.error().message, !Catch::Contains("did not speak Kafka"));
    CHECK(back);
}

}  // namespace casefile::sources::kafka
