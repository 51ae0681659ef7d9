#include "tests/kafka/writer.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "tests/support/catch.h"

namespace casefile {
namespace {

constexpr int patience_ms = 60'000;

rd_kafka_resp_err_t produce_one(rd_kafka_t* producer, const std::string& topic,
                                const KafkaWriter::Message& message) {
    const void* value = message.value ? message.value->data() : nullptr;
    const std::size_t length = message.value ? message.value->size() : 0;
    return rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(message.partition),
        RD_KAFKA_V_KEY(message.key.data(), message.key.size()),
        RD_KAFKA_V_VALUE(const_cast<void*>(value), length), RD_KAFKA_V_TIMESTAMP(message.timestamp_ms),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
}

/// The group that a commit was for.
std::string group_of(rd_kafka_event_t* event) {
    std::size_t count = 0;
    const auto* groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count);
    return count == 1 ? rd_kafka_group_result_name(groups[0]) : "";
}

void require(rd_kafka_error_t* error) {
    const std::string words = error == nullptr ? "" : rd_kafka_error_string(error);
    if (error != nullptr) rd_kafka_error_destroy(error);
    INFO(words);
    REQUIRE(words.empty());
}

}  // namespace

rd_kafka_t* kafka_client(rd_kafka_type_t type, const std::map<std::string, std::string>& settings) {
    char why[512];
    auto* conf = rd_kafka_conf_new();
    for (const auto& [name, value] : settings)
        REQUIRE(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK);
    auto* client = rd_kafka_new(type, conf, why, sizeof why);
    INFO(why);
    REQUIRE(client != nullptr);
    return client;
}

KafkaWriter::KafkaWriter(const std::string& brokers)
    : brokers_(brokers),
      client_(kafka_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers}, {"group.id", "writer"}})),
      queue_(rd_kafka_queue_new(client_)) {}

KafkaWriter::~KafkaWriter() {
    rd_kafka_queue_destroy(queue_);
    rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

rd_kafka_event_t* KafkaWriter::wait() {
    auto* event = rd_kafka_queue_poll(queue_, patience_ms);
    REQUIRE(event != nullptr);
    return event;
}

void KafkaWriter::create_topic(const std::string& topic, int partitions,
                               const std::map<std::string, std::string>& settings) {
    char why[512];
    auto* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, why, sizeof why);
    for (const auto& [name, value] : settings)
        rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str());
    rd_kafka_CreateTopics(client_, &wanted, 1, nullptr, queue_);
    rd_kafka_NewTopic_destroy(wanted);
    auto* event = wait();
    CHECK(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR);
    std::size_t count = 0;
    const auto* results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    REQUIRE(count == 1);
    CHECK(rd_kafka_topic_result_error(results[0]) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_event_destroy(event);
}

void KafkaWriter::produce(const std::string& topic, const std::vector<Message>& messages) {
    auto* producer = kafka_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers_}, {"linger.ms", "5"}});
    for (const auto& message : messages)
        REQUIRE(produce_one(producer, topic, message) == RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(rd_kafka_flush(producer, patience_ms) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
}

void KafkaWriter::produce_in_transaction(const std::string& topic, const std::vector<Message>& messages,
                                         bool commit) {
    auto* producer = kafka_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers_},
                                                      {"transactional.id", commit ? "commits" : "aborts"}});
    require(rd_kafka_init_transactions(producer, patience_ms));
    require(rd_kafka_begin_transaction(producer));
    for (const auto& message : messages)
        REQUIRE(produce_one(producer, topic, message) == RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(rd_kafka_flush(producer, patience_ms) == RD_KAFKA_RESP_ERR_NO_ERROR);
    require(commit ? rd_kafka_commit_transaction(producer, patience_ms)
                   : rd_kafka_abort_transaction(producer, patience_ms));
    rd_kafka_destroy(producer);
}

/// An event without an error may hold a group with one, and that one partitions with theirs.
bool KafkaWriter::committed(rd_kafka_event_t* event) const {
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    std::size_t count = 0;
    const auto* groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count);
    if (count != 1 || rd_kafka_group_result_error(groups[0]) != nullptr) return false;
    const auto* list = rd_kafka_group_result_partitions(groups[0]);
    for (int i = 0; i < list->cnt; ++i)
        if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    return true;
}

void KafkaWriter::send_commit(const std::string& group, const std::string& topic,
                              const std::map<std::int32_t, std::int64_t>& offsets) {
    auto* list = rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()));
    for (const auto& [partition, offset] : offsets)
        rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = offset;
    auto* request = rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_AlterConsumerGroupOffsets(client_, &request, 1, nullptr, queue_);
    rd_kafka_AlterConsumerGroupOffsets_destroy(request);
}

/// The first commit on a fresh cluster makes its topic for them, which takes a while: it is asked again until
/// it is taken.
void KafkaWriter::commit(const std::string& group, const std::string& topic,
                         const std::map<std::int32_t, std::int64_t>& offsets) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    for (bool done = false; !done;) {
        REQUIRE(std::chrono::steady_clock::now() < until);
        send_commit(group, topic, offsets);
        auto* event = wait();
        done = committed(event);
        rd_kafka_event_destroy(event);
    }
}

/// A partition that was made a moment ago may have no leader yet: groups that were not taken are asked again.
void KafkaWriter::commit_many(int groups, int topics, int partitions) {
    std::map<std::int32_t, std::int64_t> offsets;
    for (std::int32_t i = 0; i < partitions; ++i) offsets[i] = i % 7;
    std::set<std::string> waiting;
    for (int i = 0; i < groups; ++i) waiting.insert("load-group-" + std::to_string(i));
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (!waiting.empty()) {
        REQUIRE(std::chrono::steady_clock::now() < until);
        constexpr std::size_t at_once = 50;
        std::vector<std::string> some(waiting.begin(), waiting.end());
        some.resize(std::min(at_once, some.size()));
        for (const auto& group : some) {
            const auto number = std::stoi(group.substr(std::string("load-group-").size()));
            send_commit(group, "load-" + std::to_string(number % topics), offsets);
        }
        for (std::size_t i = 0; i < some.size(); ++i) {
            auto* event = wait();
            if (committed(event)) waiting.erase(group_of(event));
            rd_kafka_event_destroy(event);
        }
    }
}

void KafkaWriter::delete_before(const std::string& topic, std::int32_t partition, std::int64_t offset) {
    auto* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = offset;
    auto* request = rd_kafka_DeleteRecords_new(list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_DeleteRecords(client_, &request, 1, nullptr, queue_);
    rd_kafka_DeleteRecords_destroy(request);
    auto* event = wait();
    CHECK(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_event_destroy(event);
}

KafkaMember::KafkaMember(const std::string& brokers, const std::string& group, const std::string& topic,
                         bool commits)
    : client_(kafka_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers},
                                               {"group.id", group},
                                               {"client.id", group + "-worker"},
                                               {"auto.offset.reset", "earliest"},
                                               {"enable.auto.commit", commits ? "true" : "false"},
                                               {"auto.commit.interval.ms", "200"}})) {
    rd_kafka_poll_set_consumer(client_);
    auto* topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic.c_str(), RD_KAFKA_PARTITION_UA);
    REQUIRE(rd_kafka_subscribe(client_, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(topics);
    thread_ = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested())
            if (auto* message = rd_kafka_consumer_poll(client_, 100)) rd_kafka_message_destroy(message);
    });
}

KafkaMember::~KafkaMember() {
    thread_.request_stop();
    thread_.join();
    rd_kafka_consumer_close(client_);
    rd_kafka_destroy(client_);
}

}  // namespace casefile
