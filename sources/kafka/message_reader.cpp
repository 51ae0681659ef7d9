#include "sources/kafka/message_reader.h"

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "sources/kafka/metadata.h"
#include "sources/kafka/time_order.h"
#include "sources/kafka/unknown_topic.h"

namespace casefile::sources::kafka {
namespace {

constexpr int poll_ms = 50;

Message message_of(const rd_kafka_message_t& from, const std::string& topic) {
    Message out;
    out.partition = {topic, from.partition};
    out.offset = from.offset;
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const auto timestamp = rd_kafka_message_timestamp(&from, &type);
    if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) out.timestamp_ms = timestamp;
    if (from.key != nullptr) out.key.emplace(static_cast<const char*>(from.key), from.key_len);
    if (from.payload != nullptr) out.value.emplace(static_cast<const char*>(from.payload), from.len);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&from, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t length = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &length) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
        auto& header = out.headers.emplace_back(name, std::nullopt);
        if (value != nullptr) header.second.emplace(static_cast<const char*>(value), length);
    }
    return out;
}

std::int64_t bytes_of(const Message& message) {
    return static_cast<std::int64_t>((message.key ? message.key->size() : 0) +
                                     (message.value ? message.value->size() : 0));
}

bool has_key(const rd_kafka_message_t& message, const std::string& key) {
    return message.key != nullptr &&
           std::string_view(static_cast<const char*>(message.key), message.key_len) == key;
}

/// One partition of the read: from `next` up to, not including, `end`.
struct Lane {
    std::int64_t next = 0;
    std::int64_t end = 0;
    std::int64_t begin = next;    ///< where it began
    std::int64_t reached = next;  ///< every offset before was looked at
    std::int64_t seen = 0;        ///< messages among them
    bool searched = false;        ///< for its messages at or after a time: the others are not taken
    std::deque<Message> messages;
    bool done() const { return next >= end; }
};

class Reading {
  public:
    Reading(ClusterHandle& handle, const ReadRequest& request, const Control& control)
        : handle_(handle), request_(request), control_(control) {}

    Result<ReadEnd> run() {
        auto planned = plan();
        if (!planned) return planned.error();
        auto consumed = consume();
        rd_kafka_assign(handle_.get(), nullptr);
        if (!consumed) return consumed.error();
        return finish();
    }

  private:
    /// Finds the partitions, their two ends, and where to begin in each.
    Result<void> plan() {
        auto metadata = fetch_metadata(handle_, control_);
        if (!metadata) return metadata.error();
        auto partitions = find_partitions(**metadata);
        if (!partitions) return partitions.error();
        auto watermarks = fetch_watermarks(handle_, **metadata, *partitions, control_);
        if (!watermarks) return watermarks.error();
        out_.watermarks = *std::move(watermarks);

        if (request_.start.kind == Start::Kind::timestamp_ms)
            if (auto done = find_times(); !done) return done.error();
        for (const auto& one : out_.watermarks) {
            if (!one.error.empty())
                out_.truncated = true;  // what a partition without a leader holds is not seen
            else
                add_lane(one);
        }
        return {};
    }

    /// Asks where in each partition the time begins. One whose lookup failed is not read, and says so.
    Result<void> find_times() {
        std::vector<Partition> asked;
        for (const auto& one : out_.watermarks)
            if (one.error.empty() && one.low < one.end) asked.push_back(one.partition);
        auto found = fetch_offsets_at(handle_, request_.start.value, asked, control_);
        if (!found) return found.error();
        times_ = *std::move(found);
        std::vector<Partition> without;
        for (auto& one : out_.watermarks) {
            const auto at = times_.find(one.partition);
            if (at == times_.end()) continue;
            if (!at->second.error.empty())
                one.error = "the time could not be looked up: " + at->second.error;
            else if (!at->second.offset)
                without.push_back(one.partition);
        }
        // Every message is at or after time 0: where none is found even there, the broker looks up no times.
        const auto any = fetch_offsets_at(handle_, 0, without, control_);
        if (!any) return any.error();
        for (const auto& [partition, at] : *any)
            if (!at.offset) searched_.insert(partition.partition);
        out_.times_searched = !searched_.empty();
        return {};
    }

    void add_lane(const Watermarks& marks) {
        const auto id = marks.partition.partition;
        auto start = marks.end;
        switch (request_.start.kind) {
            case Start::Kind::offset:
                start = request_.start.value;
                break;
            case Start::Kind::newest:
                start = marks.end - std::min(request_.start.value, marks.end);
                break;
            case Start::Kind::timestamp_ms:
                if (const auto at = times_.find(marks.partition); at != times_.end() && at->second.offset)
                    start = *at->second.offset;
                if (searched_.contains(id)) start = marks.low;
                break;
        }
        lanes_[id] = {.next = std::clamp(start, marks.low, marks.end),
                      .end = marks.end,
                      .searched = searched_.contains(id),
                      .messages = {}};
    }

    Result<std::vector<Partition>> find_partitions(const rd_kafka_metadata_t& metadata) const {
        const auto topics = topics_of(metadata);
        const auto topic = std::find_if(topics.begin(), topics.end(),
                                        [&](const Topic& one) { return one.name == request_.topic; });
        const auto place = name_of_source(handle_.endpoint().env, SourceKind::kafka);
        if (topic == topics.end() || topic->partitions.empty())
            return unknown_topic(place, request_.topic, topics);
        std::vector<Partition> out;
        for (const auto id : request_.partitions.empty() ? topic->partitions : request_.partitions) {
            if (std::find(topic->partitions.begin(), topic->partitions.end(), id) == topic->partitions.end())
                return not_found(place + ": topic '" + request_.topic + "' has no partition " +
                                     std::to_string(id) + ": expected 0.." +
                                     std::to_string(topic->partitions.size() - 1),
                                 "name one of these, or none for all");
            out.push_back({request_.topic, id});
        }
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }

    bool all_done() const {
        return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane.second.done(); });
    }

    Result<void> consume() {
        PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(lanes_.size())));
        for (const auto& [id, lane] : lanes_)
            if (!lane.done())
                rd_kafka_topic_partition_list_add(list.get(), request_.topic.c_str(), id)->offset = lane.next;
        if (list->cnt == 0) return {};
        if (const auto code = rd_kafka_assign(handle_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
            return handle_.error_of(code, "assigning partitions");

        bool heard = false;
        while (!all_done() && !full_) {
            if (control_.stopped()) return cancelled_error();
            if (control_.left() == std::chrono::milliseconds(0)) {
                // What was found until now is an answer; silence is not.
                if (!heard) return handle_.error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "reading messages");
                return {};
            }
            const MessagePtr message(rd_kafka_consumer_poll(handle_.get(), poll_ms));
            if (!message) continue;
            heard = true;
            if (auto taken = take(*message); !taken) return taken.error();
        }
        return {};
    }

    Result<void> take(const rd_kafka_message_t& message) {
        const auto found = lanes_.find(message.partition);
        if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            // Offsets that hold no message (transaction marks, compaction) are passed by without a word.
            if (found == lanes_.end()) return {};
            auto& lane = found->second;
            if (!lane.done()) lane.reached = std::clamp(message.offset, lane.reached, lane.end);
            lane.next = std::max(lane.next, message.offset);
            return {};
        }
        if (message.err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || message.err == RD_KAFKA_RESP_ERR__TRANSPORT)
            return {};  // it connects again by itself; the deadline decides
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            const auto* words = rd_kafka_message_errstr(&message);
            return handle_.error_of(message.err, "reading messages", words == nullptr ? "" : words);
        }
        if (found == lanes_.end() || found->second.done()) return {};
        auto& lane = found->second;
        lane.next = message.offset + 1;
        lane.reached = std::min(lane.next, lane.end);
        if (message.offset >= lane.end) return {};
        ++lane.seen;
        ++out_.scanned;
        if (lane.searched && rd_kafka_message_timestamp(&message, nullptr) < request_.start.value) return {};
        if (request_.key && !has_key(message, *request_.key)) return {};
        keep(lane, message_of(message, request_.topic));
        return {};
    }

    /// Each partition may fill the whole answer, so that which messages are told never depends on which came
    /// first.
    void keep(Lane& lane, Message message) {
        const auto messages_max = static_cast<std::size_t>(std::max<std::int64_t>(1, request_.messages_max));
        bytes_ += bytes_of(message);
        lane.messages.push_back(std::move(message));
        if (lane.messages.size() > messages_max) {
            out_.truncated = true;
            if (wants_newest()) {
                bytes_ -= bytes_of(lane.messages.front());
                lane.messages.pop_front();
            } else {
                bytes_ -= bytes_of(lane.messages.back());
                lane.messages.pop_back();
                lane.next = lane.end;  // it has enough
            }
        }
        // The oldest make room for those that were asked for.
        while (wants_newest() && bytes_ > request_.bytes_max && lane.messages.size() > 1) {
            out_.truncated = true;
            bytes_ -= bytes_of(lane.messages.front());
            lane.messages.pop_front();
        }
        if (bytes_ > request_.bytes_max) full_ = true;
    }

    bool wants_newest() const { return request_.start.kind == Start::Kind::newest; }

    ReadEnd finish() {
        if (!all_done()) out_.truncated = true;
        for (const auto& [id, lane] : lanes_)
            if (lane.reached > lane.begin)
                out_.stretches.push_back(
                    {{request_.topic, id}, lane.begin, lane.reached, lane.reached - lane.begin - lane.seen});
        for (auto& [id, lane] : lanes_)
            std::move(lane.messages.begin(), lane.messages.end(), std::back_inserter(out_.messages));
        const auto messages_max = std::max<std::int64_t>(1, request_.messages_max);
        if (std::ssize(out_.messages) > messages_max) {
            out_.truncated = true;
            auto kept = in_time_order(out_.messages, wants_newest());
            kept.resize(static_cast<std::size_t>(messages_max));
            std::sort(kept.begin(), kept.end());
            std::vector<Message> messages;
            for (const auto place : kept) messages.push_back(std::move(out_.messages[place]));
            out_.messages = std::move(messages);
        }
        return std::move(out_);
    }

    ClusterHandle& handle_;
    const ReadRequest& request_;
    const Control& control_;
    std::map<std::int32_t, Lane> lanes_;
    std::map<Partition, OffsetAt> times_;  ///< where the time that was asked for begins
    std::set<std::int32_t> searched_;      ///< partitions in which the broker looks up no times
    ReadEnd out_;
    std::int64_t bytes_ = 0;
    bool full_ = false;
};

}  // namespace

Result<ReadEnd> read_messages(ClusterHandle& handle, const ReadRequest& request, const Control& control) {
    return Reading(handle, request, control).run();
}

}  // namespace casefile::sources::kafka
