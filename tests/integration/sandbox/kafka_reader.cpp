#include "tests/integration/sandbox/kafka_reader.h"

#include <librdkafka/rdkafka.h>

#include <stdexcept>

namespace casefile::sandbox {
namespace {

constexpr int time_max_ms = 20'000;

using List =
    std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&::rd_kafka_topic_partition_list_destroy)>;

List one_partition(const std::string& topic, std::int32_t partition) {
    List list(::rd_kafka_topic_partition_list_new(1), &::rd_kafka_topic_partition_list_destroy);
    ::rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    return list;
}

void expect_success(rd_kafka_resp_err_t code) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(::rd_kafka_err2str(code));
}

std::string text_of(const void* bytes, std::size_t length) {
    return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), length);
}

}  // namespace

KafkaReader::KafkaReader(const std::string& brokers, const std::string& group)
    : handle_(nullptr, &::rd_kafka_destroy) {
    auto* conf = ::rd_kafka_conf_new();
    char message[256] = "";
    ::rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), message, sizeof message);
    ::rd_kafka_conf_set(conf, "group.id", group.c_str(), message, sizeof message);
    ::rd_kafka_conf_set(conf, "enable.auto.commit", "false", message, sizeof message);
    handle_.reset(::rd_kafka_new(RD_KAFKA_CONSUMER, conf, message, sizeof message));
    if (handle_ == nullptr) throw std::runtime_error(message);
}

std::int64_t KafkaReader::committed(const std::string& topic, std::int32_t partition) {
    const auto list = one_partition(topic, partition);
    expect_success(::rd_kafka_committed(handle_.get(), list.get(), time_max_ms));
    return list->elems[0].offset;
}

std::int64_t KafkaReader::end(const std::string& topic, std::int32_t partition) {
    std::int64_t low = 0, high = 0;
    expect_success(::rd_kafka_query_watermark_offsets(handle_.get(), topic.c_str(), partition, &low, &high,
                                                      time_max_ms));
    return high;
}

std::vector<KafkaReader::Message> KafkaReader::messages(const std::string& topic, std::int32_t partition) {
    const auto last = end(topic, partition);
    const auto list = one_partition(topic, partition);
    list->elems[0].offset = 0;
    expect_success(::rd_kafka_assign(handle_.get(), list.get()));
    std::vector<Message> read;
    while (static_cast<std::int64_t>(read.size()) < last) {
        const std::unique_ptr<rd_kafka_message_t, decltype(&::rd_kafka_message_destroy)> one(
            ::rd_kafka_consumer_poll(handle_.get(), time_max_ms), &::rd_kafka_message_destroy);
        if (one == nullptr) throw std::runtime_error("no message of " + topic + " came in time");
        expect_success(one->err);
        read.push_back({one->offset, ::rd_kafka_message_timestamp(one.get(), nullptr),
                        text_of(one->key, one->key_len), text_of(one->payload, one->len)});
    }
    expect_success(::rd_kafka_assign(handle_.get(), nullptr));
    return read;
}

}  // namespace casefile::sandbox
