#pragma once
// Stands between a Kafka client and its broker, and notes the kind of every request that passes.

#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace casefile {

class KafkaRequests {
  public:
    /// Listens on a free loopback port and passes everything on to `broker` ("127.0.0.1:40001"), until
    /// destroyed.
    explicit KafkaRequests(const std::string& broker);
    ~KafkaRequests();

    std::string address() const;
    /// The API keys of Kafka's protocol: 0 is Produce, 8 OffsetCommit, 11 JoinGroup, 19 CreateTopics.
    std::set<std::int16_t> seen() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace casefile
