// librdkafka's mock cluster, and the producer and consumers that fill it.

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "sandbox/servers.h"

namespace casefile::sandbox {
namespace {

constexpr int time_max_ms = 30'000;
constexpr std::size_t message_size_max = 512;

struct Destroy {
    void operator()(rd_kafka_t* handle) const { ::rd_kafka_destroy(handle); }
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        ::rd_kafka_topic_partition_list_destroy(list);
    }
};
using Handle = std::unique_ptr<rd_kafka_t, Destroy>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy>;

Result<Handle> make_handle(rd_kafka_type_t type,
                           const std::vector<std::pair<std::string, std::string>>& settings) {
    char message[message_size_max] = "";
    auto* conf = ::rd_kafka_conf_new();
    ::rd_kafka_conf_set_log_cb(conf, nullptr);
    for (const auto& [name, value] : settings) {
        if (::rd_kafka_conf_set(conf, name.c_str(), value.c_str(), message, sizeof message) ==
            RD_KAFKA_CONF_OK)
            continue;
        ::rd_kafka_conf_destroy(conf);
        return internal("kafka setting " + name + ": " + message);
    }
    auto* handle = ::rd_kafka_new(type, conf, message, sizeof message);
    if (handle == nullptr) {
        ::rd_kafka_conf_destroy(conf);
        return unavailable(std::string("kafka client: ") + message);
    }
    return Handle(handle);
}

Error kafka_failure(const std::string& what, rd_kafka_resp_err_t code) {
    return unavailable(what + ": " + ::rd_kafka_err2str(code));
}

rd_kafka_headers_t* make_headers(const KafkaMock::Message& message) {
    auto* headers = ::rd_kafka_headers_new(message.headers.size());
    for (const auto& [name, value] : message.headers)
        ::rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                              static_cast<ssize_t>(value.size()));
    return headers;
}

rd_kafka_resp_err_t send(rd_kafka_t* producer, const KafkaMock::Message& message) {
    auto* headers = make_headers(message);
    const auto failed = ::rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(message.topic.c_str()), RD_KAFKA_V_PARTITION(message.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(message.key.empty() ? nullptr : message.key.data(), message.key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(message.value.data()), message.value.size()),
        RD_KAFKA_V_TIMESTAMP(message.timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    // On success the message owns them.
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) ::rd_kafka_headers_destroy(headers);
    return failed;
}

}  // namespace

struct KafkaMock::Impl {
    Handle owner;
    rd_kafka_mock_cluster_t* cluster = nullptr;
    std::string brokers;

    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    // The cluster before the handle that owns it.
    ~Impl() {
        if (cluster != nullptr) ::rd_kafka_mock_cluster_destroy(cluster);
    }
};

KafkaMock::KafkaMock(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaMock::KafkaMock(KafkaMock&&) noexcept = default;
KafkaMock& KafkaMock::operator=(KafkaMock&&) noexcept = default;
KafkaMock::~KafkaMock() = default;

Result<KafkaMock> KafkaMock::start(int brokers) {
    auto owner = make_handle(RD_KAFKA_PRODUCER, {{"client.id", "kafka-mock"}});
    if (!owner) return owner.error();
    auto impl = std::make_unique<Impl>();
    impl->owner = *std::move(owner);
    impl->cluster = ::rd_kafka_mock_cluster_new(impl->owner.get(), brokers);
    if (impl->cluster == nullptr) return unavailable("the mock kafka cluster did not start");
    impl->brokers = ::rd_kafka_mock_cluster_bootstraps(impl->cluster);
    return KafkaMock(std::move(impl));
}

std::string KafkaMock::brokers() const { return impl_->brokers; }

Result<void> KafkaMock::create_topic(const std::string& topic, int partitions) {
    const auto failed = ::rd_kafka_mock_topic_create(impl_->cluster, topic.c_str(), partitions, 1);
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_failure("create topic " + topic, failed);
    return {};
}

Result<void> KafkaMock::produce(const std::vector<Message>& messages) {
    // A producer of its own each time: one that has worked before takes a second to notice a new topic.
    const auto producer = make_handle(RD_KAFKA_PRODUCER, {{"bootstrap.servers", impl_->brokers}});
    if (!producer) return producer.error();
    for (const auto& message : messages) {
        const auto failed = send(producer->get(), message);
        if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_failure("produce to " + message.topic, failed);
    }
    if (const auto failed = ::rd_kafka_flush(producer->get(), time_max_ms);
        failed != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_failure("flush the producer", failed);
    return {};
}

Result<void> KafkaMock::commit(const std::string& group,
                               const std::map<std::string, std::map<std::int32_t, std::int64_t>>& offsets) {
    auto consumer = make_handle(
        RD_KAFKA_CONSUMER,
        {{"bootstrap.servers", impl_->brokers}, {"group.id", group}, {"enable.auto.commit", "false"}});
    if (!consumer) return consumer.error();
    const PartitionList list(::rd_kafka_topic_partition_list_new(8));
    for (const auto& [topic, partitions] : offsets)
        for (const auto& [partition, offset] : partitions)
            ::rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
    const auto failed = ::rd_kafka_commit(consumer->get(), list.get(), 0);
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_failure("commit as group " + group, failed);
    for (int i = 0; i < list->cnt; ++i)
        if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return kafka_failure("commit as group " + group + " to " + list->elems[i].topic,
                                 list->elems[i].err);
    return {};
}

}  // namespace casefile::sandbox
