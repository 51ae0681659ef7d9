#pragma once
// One librdkafka client. Its files are the only ones that know that library: cluster_handle, metadata,
// group_batch, group_reader, message_reader, first_messages and rdkafka_source.

#include <librdkafka/rdkafka.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>

#include "sources/kafka/source.h"
#include "sources/kafka/tunnel_map.h"

namespace casefile::sources::kafka {

/// Deletes by the function that librdkafka names for the type.
template <auto Destroy>
struct Deleter {
    template <class Object>
    void operator()(Object* object) const {
        Destroy(object);
    }
};
using PartitionListPtr =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;
using EventPtr = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using OptionsPtr = std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;
using MessagePtr = std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>>;

/// A handle that reads by assignment only. Its group.id is never joined: it is there because librdkafka 2.0.2
/// crashes without one when a coordinator moves. Used by one call at a time, which may ask from several
/// threads; librdkafka's own threads report into it.
class ClusterHandle {
  public:
    /// Connects to nothing yet.
    static Result<std::unique_ptr<ClusterHandle>> open(const Endpoint& endpoint);
    ~ClusterHandle();
    ClusterHandle(const ClusterHandle&) = delete;
    ClusterHandle& operator=(const ClusterHandle&) = delete;

    rd_kafka_t* get() const { return handle_; }
    /// The error of TunnelMap, when the cluster named an address that nothing leads to.
    std::optional<Error> missing_tunnel() const { return tunnels_.missing(); }
    const Endpoint& endpoint() const { return endpoint_; }
    std::chrono::steady_clock::duration age() const { return std::chrono::steady_clock::now() - opened_; }
    /// Of the cluster, once somebody asked for it; empty before.
    const json::object& identity() const { return identity_; }
    void know(json::object identity) {
        identity_ = std::move(identity);
        known_ = true;
    }
    /// True when a connection was made anew since then: somebody else may answer there now, while librdkafka
    /// goes on telling the first cluster's id.
    bool reconnected() const { return reconnected_; }

    /// Calls `once(timeout_ms)`, which cannot be interrupted, with more and more time until it answers. Ends
    /// early when stopped, or when every broker address refuses.
    Result<void> patiently(const char* what, const Control& control,
                           const std::function<rd_kafka_resp_err_t(int timeout_ms)>& once);

    /// The next event, looked for in short steps; none when stopped or out of time.
    EventPtr next_event(rd_kafka_queue_t* queue, const Control& control) const;

    /// What a failed call means, with what the library logged about its connections.
    Error error_of(rd_kafka_resp_err_t code, const char* what, const std::string& words = {}) const;

  private:
    Error explain(rd_kafka_resp_err_t code, const char* what, const std::string& words) const;

    explicit ClusterHandle(const Endpoint& endpoint) : endpoint_(endpoint), tunnels_(endpoint) {}
    static rd_kafka_resp_err_t take_interceptors(rd_kafka_t* handle, const rd_kafka_conf_t*, void* self,
                                                 char*, std::size_t);
    void take_log(const std::string& line);
    int connect_to(int socket, const sockaddr* address, int length, const char* broker);
    bool all_refused() const;

    const Endpoint& endpoint_;
    const std::chrono::steady_clock::time_point opened_ = std::chrono::steady_clock::now();
    TunnelMap tunnels_;
    rd_kafka_t* handle_ = nullptr;
    mutable std::mutex mutex_;  ///< of what the log callback writes
    std::string last_log_;
    std::set<std::string> refused_;    ///< "127.0.0.1:9092"
    std::set<std::string> connected_;  ///< brokers that a connection was made to, by librdkafka's names
    std::atomic<bool> known_ = false, reconnected_ = false;
    std::atomic<bool> accepted_ = false;  ///< a request went out
    std::atomic<bool> spoke_ = false;     ///< and an answer to one came that could be read
    json::object identity_;
};

/// Milliseconds for librdkafka, which takes int.
int timeout_of(std::chrono::milliseconds time);

}  // namespace casefile::sources::kafka
