// How long kafka_lag takes for 200 groups of 100 partitions, beside the least that librdkafka takes, and
// Kafka's own tool.

#include <algorithm>
#include <iomanip>
#include <iostream>

#include "tests/kafka/cluster.h"

using namespace casefile;

namespace {

constexpr int topics = 20, partitions = 100, groups = 200;

/// What has to be asked, and nothing else: the offsets of each group, 64 requests in flight, and the end of
/// each partition.
class Floor {
  public:
    explicit Floor(const std::string& brokers)
        : client_(kafka_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers}, {"group.id", "floor"}})),
          queue_(rd_kafka_queue_new(client_)) {}
    Floor(const Floor&) = delete;
    Floor& operator=(const Floor&) = delete;
    ~Floor() {
        rd_kafka_queue_destroy(queue_);
        rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }

    /// How many offsets of groups came; 0 when the ends of the partitions did not, unless they have to.
    std::size_t cells(bool required = true) {
        rd_kafka_ListConsumerGroups(client_, nullptr, queue_);
        rd_kafka_event_destroy(rd_kafka_queue_poll(queue_, 30'000));
        std::size_t cells = 0;
        int asked = 0, answered = 0;
        while (answered < groups) {
            for (; asked < groups && asked - answered < 64; ++asked) ask(asked);
            auto* event = rd_kafka_queue_poll(queue_, 30'000);
            REQUIRE(event != nullptr);
            std::size_t count = 0;
            const auto* answers = rd_kafka_ListConsumerGroupOffsets_result_groups(
                rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
            if (count == 1)
                cells += static_cast<std::size_t>(rd_kafka_group_result_partitions(answers[0])->cnt);
            rd_kafka_event_destroy(event);
            ++answered;
        }
        auto* list = rd_kafka_topic_partition_list_new(topics * partitions);
        for (int i = 0; i < topics * partitions; ++i)
            rd_kafka_topic_partition_list_add(list, ("load-" + std::to_string(i / partitions)).c_str(),
                                              i % partitions)
                ->offset = -1;
        const auto code = rd_kafka_offsets_for_times(client_, list, 30'000);
        rd_kafka_topic_partition_list_destroy(list);
        if (required) REQUIRE(code == RD_KAFKA_RESP_ERR_NO_ERROR);
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? cells : 0;
    }

  private:
    void ask(int group) {
        auto* request =
            rd_kafka_ListConsumerGroupOffsets_new(("load-group-" + std::to_string(group)).c_str(), nullptr);
        rd_kafka_ListConsumerGroupOffsets(client_, &request, 1, nullptr, queue_);
        rd_kafka_ListConsumerGroupOffsets_destroy(request);
    }

    rd_kafka_t* client_;
    rd_kafka_queue_t* queue_;
};

template <class Work>
double seconds(Work work) {
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

TEST_CASE("the lag of 200 groups on 100 partitions is told many times faster than by Kafka's own tool") {
    KafkaBench bench;
    auto& writer = bench.cluster.writer;
    for (int i = 0; i < topics; ++i) writer.create_topic("load-" + std::to_string(i), partitions);
    writer.commit("load-group-0", "load-0", {{0, 0}});
    writer.commit_many(groups, topics, partitions);
    json::array names;
    for (int i = 0; i < groups; ++i) names.push_back(json::string("load-group-" + std::to_string(i)));

    // Partitions made a moment ago may have no leader yet.
    wait_until("all partitions are led", [&] { return Floor(bench.cluster.local).cells(false) > 0; });
    std::vector<double> ours, floors;
    for (int round = 0; round < 5; ++round) {
        Floor floor(bench.cluster.local);
        std::size_t cells = 0;
        floors.push_back(seconds([&] { cells = floor.cells(); }));
        CHECK(cells == groups * partitions);
        json::object answer;
        ours.push_back(seconds([&] {
            answer = bench.call(tools::kafka::lag_tool(bench.work()), {{"groups", names}});
        }));
        CHECK(answer.at("groups").as_array().size() < groups);
        CHECK(json::parse(tools::ToolBench::file(answer, "kafka_offsets.lag.json"))
                  .at("partitions")
                  .as_array()
                  .size() == groups * partitions);
    }
    const auto tool = seconds([&] {
        CHECK(Cluster::script({"tool", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                               "--bootstrap-server", bench.cluster.local, "--describe", "--all-groups"})
                  .exit_code == 0);
    });
    double load = 0;
    std::ifstream("/proc/loadavg") >> load;
    std::cout << std::fixed << std::setprecision(2) << "lag of " << groups << " groups x " << partitions
              << " partitions: casefile " << median(ours) << " s, librdkafka alone " << median(floors)
              << " s, Kafka's own tool " << tool << " s; load " << load << "\n";
    // casefile files all of it as evidence; this build is not optimised. What is shipped is in
    // docs/performance.md.
    CHECK(tool > 3 * median(ours));
}
