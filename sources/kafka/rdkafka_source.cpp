// Kafka by librdkafka. Each call has a client of its own for as long as it runs; the pool keeps it for the
// next.

#include "sources/connection_pool.h"
#include "sources/identity_probe.h"
#include "sources/kafka/group_reader.h"
#include "sources/kafka/message_reader.h"
#include "sources/kafka/metadata.h"

namespace casefile::sources::kafka {
namespace {

/// librdkafka connects anew by itself and keeps the first cluster's id: a handle is believed for so long, and
/// not after it did.
constexpr std::chrono::minutes believed{1};

class RdkafkaSource : public KafkaSource {
  public:
    RdkafkaSource(Endpoint endpoint, const Limits& limits)
        : endpoint_(std::move(endpoint)),
          pool_(name_of_source(endpoint_.env, endpoint_.kind), limits.connections_max, clock_) {}

    const Endpoint& endpoint() const override { return endpoint_; }
    std::string resting() const override { return pool_.resting(); }

    Result<Fingerprint> fingerprint(const Control& control) override {
        // A tunnel may lead elsewhere since the last connection was made, and what is read after this probe
        // has to come from the cluster that it describes.
        pool_.renew();
        return with_handle<Fingerprint>(
            control, [&](ClusterHandle& handle) { return probe_cluster(handle, control); });
    }

    Result<std::vector<Topic>> topics(const Control& control) override {
        return with_handle<std::vector<Topic>>(control,
                                               [&](ClusterHandle& handle) -> Result<std::vector<Topic>> {
                                                   const auto metadata = fetch_metadata(handle, control);
                                                   if (!metadata) return metadata.error();
                                                   return topics_of(**metadata);
                                               });
    }

    Result<GroupList> groups(const Control& control) override {
        return with_handle<GroupList>(control,
                                      [&](ClusterHandle& handle) { return list_groups(handle, control); });
    }

    Result<std::vector<Group>> describe_groups(const std::vector<std::string>& names,
                                               const std::vector<Partition>& partitions,
                                               const Control& control) override {
        return with_handle<std::vector<Group>>(
            control, [&](ClusterHandle& handle) { return read_groups(handle, names, partitions, control); });
    }

    Result<std::vector<Watermarks>> watermarks(const std::vector<Partition>& partitions,
                                               const Control& control) override {
        return with_handle<std::vector<Watermarks>>(
            control, [&](ClusterHandle& handle) -> Result<std::vector<Watermarks>> {
                const auto metadata = fetch_metadata(handle, control);
                if (!metadata) return metadata.error();
                return fetch_watermarks(handle, **metadata, partitions, control);
            });
    }

    Result<ReadEnd> read(const ReadRequest& request, const Control& control) override {
        return with_handle<ReadEnd>(
            control, [&](ClusterHandle& handle) { return read_messages(handle, request, control); });
    }

    Result<std::vector<FirstMessage>> first_messages(const std::vector<Place>& places,
                                                     const Control& control) override {
        return with_handle<std::vector<FirstMessage>>(
            control, [&](ClusterHandle& handle) { return read_first_messages(handle, places, control); });
    }

  private:
    template <class T, class Work>
    Result<T> with_handle(const Control& control, Work work) {
        if (control.stopped()) return cancelled_error();
        auto lease = pool_.take(
            control, [this] { return ClusterHandle::open(endpoint_); },
            [](const ClusterHandle& handle) { return handle.age() < believed && !handle.reconnected(); });
        if (!lease) return lease.error();
        if (control.admit) {
            if (auto known = get_to_know(**lease, control); !known) {
                if (known.error().kind != ErrorKind::cancelled) lease->unanswered(known.error());
                return known.error();
            }
            if (auto admitted = control.admit(endpoint_, (*lease)->identity()); !admitted)
                return admitted.error();
        }
        Result<T> out = work(**lease);
        if (out) lease->keep();
        if (!out && is_silence(out.error())) lease->unanswered(out.error());
        return out;
    }

    /// The first question on a handle, and so the first that needs a connection.
    Result<void> get_to_know(ClusterHandle& handle, const Control& control) {
        if (!handle.identity().empty()) return {};
        auto fingerprint = probe_cluster(handle, control);
        if (!fingerprint) return fingerprint.error();
        handle.know(std::move(fingerprint->identity));
        return {};
    }

    Result<Fingerprint> probe_cluster(ClusterHandle& handle, const Control& control) {
        const auto metadata = fetch_metadata(handle, control);
        if (!metadata) return metadata.error();
        probe::KafkaCluster cluster;
        // Both were told with the metadata; the timeout is for brokers that are too old to tell.
        constexpr int told_already_ms = 100;
        if (auto* id = rd_kafka_clusterid(handle.get(), told_already_ms)) {
            cluster.id = id;
            rd_kafka_mem_free(handle.get(), id);
        }
        cluster.controller = rd_kafka_controllerid(handle.get(), told_already_ms);
        for (int i = 0; i < (*metadata)->broker_cnt; ++i) {
            const auto& broker = (*metadata)->brokers[i];
            cluster.brokers.push_back(std::to_string(broker.id) + "@" + broker.host + ":" +
                                      std::to_string(broker.port));
        }
        std::sort(cluster.brokers.begin(), cluster.brokers.end());
        cluster.topics = (*metadata)->topic_cnt;
        return probe::describe_kafka(endpoint_, clock_, cluster);
    }

    const Endpoint endpoint_;
    const SystemClock clock_;
    ConnectionPool<ClusterHandle> pool_;
};

}  // namespace

std::unique_ptr<KafkaSource> make_kafka_source(Endpoint endpoint, const Limits& limits) {
    return std::make_unique<RdkafkaSource>(std::move(endpoint), limits);
}

}  // namespace casefile::sources::kafka
