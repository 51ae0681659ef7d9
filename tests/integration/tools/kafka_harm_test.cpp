// What the Kafka tools leave behind on a broker: nothing. Its topics, messages and committed offsets are
// compared before and after, as another client sees them, and every request that casefile sends is looked at.

#include <librdkafka/rdkafka.h>

#include "sandbox/servers.h"
#include "tests/integration/tools/kafka_requests.h"
#include "tests/support/tool_bench.h"
#include "tools/environment/tools.h"
#include "tools/kafka/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

constexpr int time_max_ms = 20'000;

/// One line for each topic, for both ends of each partition, and for what each group committed to it.
std::vector<std::string> state_of(const std::string& brokers, const std::vector<std::string>& groups) {
    std::vector<std::string> lines;
    for (const auto& group : groups) {
        auto* conf = ::rd_kafka_conf_new();
        char why[256] = "";
        ::rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), why, sizeof why);
        ::rd_kafka_conf_set(conf, "group.id", group.c_str(), why, sizeof why);
        const std::unique_ptr<rd_kafka_t, decltype(&::rd_kafka_destroy)> handle(
            ::rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why), &::rd_kafka_destroy);
        REQUIRE(handle != nullptr);
        const rd_kafka_metadata_t* all = nullptr;
        REQUIRE(::rd_kafka_metadata(handle.get(), 1, nullptr, &all, time_max_ms) == 0);
        for (int i = 0; i < all->topic_cnt; ++i) {
            const auto& topic = all->topics[i];
            const auto name = std::string(topic.topic);
            lines.push_back(name + ": " + std::to_string(topic.partition_cnt) + " partitions");
            for (std::int32_t partition = 0; partition < topic.partition_cnt; ++partition) {
                std::int64_t low = 0, end = 0;
                REQUIRE(::rd_kafka_query_watermark_offsets(handle.get(), topic.topic, partition, &low, &end,
                                                           time_max_ms) == 0);
                const std::unique_ptr<rd_kafka_topic_partition_list_t,
                                      decltype(&::rd_kafka_topic_partition_list_destroy)>
                    list(::rd_kafka_topic_partition_list_new(1), &::rd_kafka_topic_partition_list_destroy);
                ::rd_kafka_topic_partition_list_add(list.get(), topic.topic, partition);
                REQUIRE(::rd_kafka_committed(handle.get(), list.get(), time_max_ms) == 0);
                lines.push_back(name + "/" + std::to_string(partition) + " " + std::to_string(low) + ".." +
                                std::to_string(end) + " " + group + " " +
                                std::to_string(list->elems[0].offset));
            }
        }
        ::rd_kafka_metadata_destroy(all);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

struct Cluster {
    sandbox::KafkaMock mock = sandbox::KafkaMock::start().value();
    KafkaRequests requests{mock.brokers()};

    Cluster() {
        mock.create_topic("orders", 2).value();
        mock.create_topic("prices", 1).value();
        std::vector<sandbox::KafkaMock::Message> messages;
        for (std::int32_t i = 0; i < 30; ++i)
            messages.push_back({.topic = i % 3 == 0 ? "prices" : "orders",
                                .partition = i % 3 == 2 ? 1 : 0,
                                .key = "k" + std::to_string(i),
                                .value = "v",
                                .headers = {},
                                .timestamp_ms = 1'800'000'000'000 + i});
        mock.produce(messages).value();
        mock.commit("billing", {{"orders", {{0, 3}, {1, 10}}}}).value();
    }
    /// With one address given, every broker is reached through it.
    sources::Endpoint endpoint() const {
        sources::Endpoint out;
        out.kind = SourceKind::kafka;
        out.env = "SHOP";
        out.variable = "KAFKA_SHOP_BROKERS";
        out.brokers = {requests.address()};
        out.groups = {"billing", "nobody"};
        return out;
    }
};

void use_every_tool(ToolBench& bench) {
    bench.call(environment::fingerprint_tool(bench.work()), {{"sources", json::array{"kafka"}}});
    bench.call(kafka::lag_tool(bench.work()), {});
    bench.call(kafka::lag_tool(bench.work()), {{"groups", json::array{"billing"}}, {"sample_seconds", 1}});
    for (const auto& from : {json::value("newest"), json::value("earliest"), json::value(2),
                             json::value("2027-01-15T08:00:00.010Z")})
        bench.call(kafka::read_tool(bench.work()), {{"topic", "orders"}, {"partition", 0}, {"from", from}});
    bench.call(kafka::read_tool(bench.work()), {{"topic", "prices"}, {"key", "k3"}});
    bench.refusal(kafka::read_tool(bench.work()), {{"topic", "no-such-topic"}});
    bench.result(kafka::lag_tool(bench.work()), {{"topics", json::array{"no-such-topic-either"}}});
}

}  // namespace

TEST_CASE("no Kafka tool changes a topic, a message or what a group committed") {
    const Cluster cluster;
    const std::vector<std::string> groups{"billing", "nobody", "casefile"};
    const auto before = state_of(cluster.mock.brokers(), groups);
    ToolBench bench;
    bench.add(sources::kafka::make_kafka_source(cluster.endpoint(), bench.limits));
    bench.confirm("SHOP");

    use_every_tool(bench);

    CHECK(before.size() == 15);
    CHECK(state_of(cluster.mock.brokers(), groups) == before);
}

TEST_CASE("the Kafka tools send requests that read, and no others") {
    const Cluster cluster;
    ToolBench bench;
    bench.add(sources::kafka::make_kafka_source(cluster.endpoint(), bench.limits));
    bench.confirm("SHOP");

    use_every_tool(bench);

    // Fetch, ListOffsets, Metadata, OffsetFetch, FindCoordinator, DescribeGroups, ListGroups, ApiVersions and
    // OffsetForLeaderEpoch.
    const std::set<std::int16_t> reading{1, 2, 3, 9, 10, 15, 16, 18, 23};
    const auto seen = cluster.requests.seen();
    for (const auto api : seen) {
        INFO("request with API key " << api);
        CHECK(reading.contains(api));
    }
    for (const auto api : std::set<std::int16_t>{1, 2, 3, 9}) CHECK(seen.contains(api));
}
