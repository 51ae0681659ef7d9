#pragma once
// Reads a Kafka cluster as a plain client, to check what was written to it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct rd_kafka_s;

namespace casefile::sandbox {

class KafkaReader {
  public:
    struct Message {
        std::int64_t offset = 0, timestamp_ms = 0;
        std::string key, value;
    };

    /// Sees the offsets of `group`, without joining it.
    KafkaReader(const std::string& brokers, const std::string& group);

    std::int64_t committed(const std::string& topic, std::int32_t partition);  ///< -1001: none
    std::int64_t end(const std::string& topic, std::int32_t partition);
    std::vector<Message> messages(const std::string& topic, std::int32_t partition);

  private:
    std::unique_ptr<rd_kafka_s, void (*)(rd_kafka_s*)> handle_;
};

}  // namespace casefile::sandbox
