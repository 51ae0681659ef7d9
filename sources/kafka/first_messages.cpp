#include <map>
#include <set>

#include "sources/kafka/message_reader.h"

namespace casefile::sources::kafka {
namespace {

constexpr int poll_ms = 20;
/// Partitions assigned at once: of each the broker may send a whole fetch.
constexpr std::size_t partitions_at_once = 100;

/// One assignment: every partition is in it once.
class Round {
  public:
    Round(ClusterHandle& handle, const std::vector<Place>& places, std::vector<FirstMessage>& out)
        : handle_(handle), places_(places), out_(out) {}

    bool has_room_for(const Partition& partition) const {
        return waiting_.size() < partitions_at_once && !waiting_.contains(partition);
    }
    void add(std::size_t place) { waiting_.emplace(places_[place].partition, place); }
    bool is_empty() const { return waiting_.empty(); }

    Result<void> read(const Control& control) {
        PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(waiting_.size())));
        for (const auto& [partition, place] : waiting_)
            rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
                ->offset = places_[place].offset;
        if (const auto code = rd_kafka_assign(handle_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
            return handle_.error_of(code, "assigning partitions");
        while (!waiting_.empty() && !control.stopped() && control.left() > std::chrono::milliseconds(0)) {
            const MessagePtr message(rd_kafka_consumer_poll(handle_.get(), poll_ms));
            if (message && message->rkt != nullptr) take(*message);
        }
        rd_kafka_assign(handle_.get(), nullptr);
        if (control.stopped()) return cancelled_error();
        return {};
    }

  private:
    void take(const rd_kafka_message_t& message) {
        const auto found = waiting_.find({rd_kafka_topic_name(message.rkt), message.partition});
        if (found == waiting_.end()) return;
        auto& answer = out_[found->second];
        if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            answer.kind = FirstMessage::Kind::nothing;
        } else if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (message.offset < places_[found->second].offset) return;
            answer.kind = FirstMessage::Kind::found;
            rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
            const auto timestamp = rd_kafka_message_timestamp(&message, &type);
            if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) answer.timestamp_ms = timestamp;
        }
        waiting_.erase(found);
    }

    ClusterHandle& handle_;
    const std::vector<Place>& places_;
    std::vector<FirstMessage>& out_;
    std::map<Partition, std::size_t> waiting_;  ///< partition to place
};

}  // namespace

Result<std::vector<FirstMessage>> read_first_messages(ClusterHandle& handle, const std::vector<Place>& places,
                                                      const Control& control) {
    std::vector<FirstMessage> out(places.size());
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < places.size(); ++i) left.push_back(i);
    while (!left.empty() && control.left() > std::chrono::milliseconds(0)) {
        Round round(handle, places, out);
        std::vector<std::size_t> later;
        for (const auto place : left) {
            if (round.has_room_for(places[place].partition))
                round.add(place);
            else
                later.push_back(place);
        }
        if (auto done = round.read(control); !done) return done.error();
        left = std::move(later);
    }
    return out;
}

}  // namespace casefile::sources::kafka
