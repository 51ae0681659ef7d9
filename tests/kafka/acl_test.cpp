// The rules that docs/security.md recommends for Kafka, set with its own words on a real broker with an
// authorizer: casefile works under them, and who comes by the same listener can write nothing.

#include <fstream>

#include "tests/kafka/cluster.h"
#include "tests/support/temporary_folder.h"
#include "tools/environment/tools.h"

using namespace casefile;

namespace {

std::vector<std::string> commands_of_document() {
    std::ifstream in(std::string(CASEFILE_SOURCE_DIR) + "/docs/security.md");
    std::vector<std::string> out;
    bool within = false;
    for (std::string line; std::getline(in, line);) {
        if (within && line == "```") break;
        if (within) out.push_back(line);
        if (line == "```sh") within = true;
    }
    REQUIRE_FALSE(out.empty());
    return out;
}

/// A broker with an authorizer, as it stands before anybody wrote a rule.
struct Guarded {
    TemporaryFolder folder;
    std::string tunnel, local, admin;

    Guarded() {
        const auto started = Cluster::script({"guarded", (folder.path() / "broker").string()});
        INFO(started.out << started.err);
        REQUIRE(started.exit_code == 0);
        const auto addresses = split(std::string(trim(started.out)), ' ');
        REQUIRE(addresses.size() == 3);
        tunnel = addresses[0];
        local = addresses[1];
        admin = addresses[2];
    }
    ~Guarded() { Cluster::script({"stop", (folder.path() / "broker").string()}); }

    /// A line of the document, by Kafka's tool at the administrator's address.
    void run_as_admin(const std::string& line) const {
        const std::string begin = "kafka-acls.sh --bootstrap-server localhost:9092 ";
        INFO(line);
        REQUIRE(line.starts_with(begin));
        std::vector<std::string> words{"tool",
                                       "org.apache.kafka.tools.AclCommand",
                                       "--bootstrap-server",
                                       admin,
                                       "--command-config",
                                       (folder.path() / "broker" / "admin.properties").string()};
        for (const auto& word : split(line.substr(begin.size()), ' '))
            words.push_back(word == "'*'" ? "*" : word);
        const auto ran = Cluster::script(words);
        INFO(ran.out << ran.err);
        REQUIRE(ran.exit_code == 0);
    }
    sources::Endpoint endpoint() const {
        auto out = KafkaBench::endpoint();
        out.brokers = {tunnel};
        return out;
    }
};

/// Where the topic ends after a client tried to write to it.
std::int64_t end_after_message(const std::string& brokers) {
    auto* client = kafka_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers}});
    const auto sent =
        rd_kafka_producev(client, RD_KAFKA_V_TOPIC("orders"), RD_KAFKA_V_VALUE(const_cast<char*>("x"), 1),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    REQUIRE(sent == RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(rd_kafka_flush(client, 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR);  // taken, or refused for good
    std::int64_t low = 0, high = -1;
    const auto asked = rd_kafka_query_watermark_offsets(client, "orders", 0, &low, &high, 20'000);
    rd_kafka_destroy(client);
    REQUIRE(asked == RD_KAFKA_RESP_ERR_NO_ERROR);
    return high;
}

std::string answer_to_commit(const std::string& brokers) {
    auto* client = kafka_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers}, {"group.id", "billing"}});
    auto* offsets = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(offsets, "orders", 0)->offset = 0;
    const auto error = rd_kafka_commit(client, offsets, 0);
    rd_kafka_topic_partition_list_destroy(offsets);
    rd_kafka_destroy(client);
    return rd_kafka_err2name(error);
}

}  // namespace

TEST_CASE("under the rules that the document recommends casefile reads all it asks, and nobody writes") {
    const Guarded broker;
    KafkaWriter writer(broker.local);
    writer.create_topic("orders", 1);
    writer.produce("orders", {{0, "a", "1"}, {0, "b", "2"}, {0, "c", "3"}});
    writer.commit("billing", "orders", {{0, 1}});

    for (const auto& line : commands_of_document()) broker.run_as_admin(line);

    tools::ToolBench bench;
    bench.add(sources::kafka::make_kafka_source(broker.endpoint(), bench.limits));
    bench.confirm("PROD");
    const auto who = bench.call(tools::environment::fingerprint_tool(bench.work()), {});
    CHECK(who.at("drift").as_array().empty());
    const auto lag = bench.call(tools::kafka::lag_tool(bench.work(), tools::kafka::pause), {});
    CHECK_THAT(json::serialize(lag),
               Catch::Contains(R"("group":"billing")") && Catch::Contains(R"("lag":"2")"));
    const auto read =
        bench.call(tools::kafka::read_tool(bench.work()), {{"topic", "orders"}, {"from", "earliest"}});
    CHECK(read.at("messages").as_array().size() == 3);

    CHECK(end_after_message(broker.local) == 3);
    CHECK(answer_to_commit(broker.local) == "GROUP_AUTHORIZATION_FAILED");
    const auto made = Cluster::script({"tool", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server",
                                       broker.local, "--create", "--topic", "made"});
    INFO(made.out << made.err);
    CHECK(made.exit_code != 0);
    CHECK_THAT(made.out + made.err, Catch::Contains("uthorization"));
}
