#pragma once
// Puts topics, messages, transactions and commits into the cluster under test, by librdkafka. Each call waits
// until the broker has confirmed it, and fails the test otherwise.

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace casefile {

class KafkaWriter {
  public:
    explicit KafkaWriter(const std::string& brokers);
    ~KafkaWriter();
    KafkaWriter(const KafkaWriter&) = delete;
    KafkaWriter& operator=(const KafkaWriter&) = delete;

    void create_topic(const std::string& topic, int partitions,
                      const std::map<std::string, std::string>& settings = {});
    struct Message {
        std::int32_t partition = 0;
        std::string key;
        std::optional<std::string> value;  ///< none: a tombstone
        std::int64_t timestamp_ms = 0;     ///< 0: now
    };
    void produce(const std::string& topic, const std::vector<Message>& messages);
    /// In one transaction, which is committed or aborted.
    void produce_in_transaction(const std::string& topic, const std::vector<Message>& messages, bool commit);
    void commit(const std::string& group, const std::string& topic,
                const std::map<std::int32_t, std::int64_t>& offsets);
    /// `groups` groups at once: group i commits p % 7 on every partition p of topic i % topics.
    void commit_many(int groups, int topics, int partitions);
    /// Everything before the offset is gone from then on.
    void delete_before(const std::string& topic, std::int32_t partition, std::int64_t offset);

  private:
    bool committed(rd_kafka_event_t* event) const;
    void send_commit(const std::string& group, const std::string& topic,
                     const std::map<std::int32_t, std::int64_t>& offsets);
    rd_kafka_event_t* wait();

    const std::string brokers_;
    rd_kafka_t* client_ = nullptr;
    rd_kafka_queue_t* queue_ = nullptr;
};

/// A member of a group, of the protocol that all clients knew before Kafka 4: joins, reads and commits on a
/// thread of its own.
class KafkaMember {
  public:
    KafkaMember(const std::string& brokers, const std::string& group, const std::string& topic, bool commits);
    /// Leaves the group.
    ~KafkaMember();

  private:
    rd_kafka_t* client_ = nullptr;
    std::jthread thread_;
};

rd_kafka_t* kafka_client(rd_kafka_type_t type, const std::map<std::string, std::string>& settings);

}  // namespace casefile
