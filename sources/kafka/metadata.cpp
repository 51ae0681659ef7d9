#include "sources/kafka/metadata.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>

namespace casefile::sources::kafka {
namespace {

/// librdkafka compares each partition of an answer with each of the question, so that one large question
/// costs more than the round trips of several.
constexpr std::size_t partitions_at_once = 100;
/// Questions at once: librdkafka has none for offsets that does not wait.
constexpr std::size_t questions_at_once = 8;

using Part = std::span<const Partition>;

/// `ask(part)` for all parts of the partitions, some at the same time; answers come in the order of the
/// parts.
template <class Answer>
Result<std::vector<Answer>> ask_in_parts(Part all, const std::function<Result<Answer>(Part)>& ask) {
    const auto parts = (all.size() + partitions_at_once - 1) / partitions_at_once;
    std::vector<std::optional<Result<Answer>>> came(parts);
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < parts; i = next++) {
            const auto begin = i * partitions_at_once;
            came[i] = ask(all.subspan(begin, std::min(partitions_at_once, all.size() - begin)));
            if (!*came[i]) next = parts;  // the others would only fail later
        }
    };
    std::vector<std::future<void>> helpers;
    for (std::size_t i = 1; i < std::min(parts, questions_at_once); ++i)
        helpers.push_back(std::async(std::launch::async, work));
    work();
    for (auto& helper : helpers) helper.get();

    std::vector<Answer> out;
    for (auto& answer : came) {
        if (answer && !*answer) return answer->error();
        if (answer) out.push_back(**std::move(answer));
    }
    return out;
}

/// Asks for these offsets by kind: -1 the end, -2 the start, otherwise a time. One request for each leader.
Result<PartitionListPtr> fetch_offsets(ClusterHandle& handle, std::int64_t kind, Part partitions,
                                       const Control& control) {
    PartitionListPtr list;
    auto done = handle.patiently("reading offsets", control, [&](int timeout_ms) {
        // A failed attempt may have changed the list, so each has its own.
        list = list_of(partitions, kind);
        return rd_kafka_offsets_for_times(handle.get(), list.get(), timeout_ms);
    });
    if (!done) return done.error();
    // A leader that could not be reached may also show as an error of its partitions alone.
    if (auto missing = handle.missing_tunnel())
        for (int i = 0; i < list->cnt; ++i)
            if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return *std::move(missing);
    return list;
}

/// The two ends of some partitions.
struct Ends {
    PartitionListPtr low, end;
};

Result<Ends> fetch_ends(ClusterHandle& handle, Part partitions, const Control& control) {
    constexpr std::int64_t latest = -1, earliest = -2;
    // The start first: should it move meanwhile, the two still do not cross.
    auto low = fetch_offsets(handle, earliest, partitions, control);
    if (!low) return low.error();
    auto end = fetch_offsets(handle, latest, partitions, control);
    if (!end) return end.error();
    return Ends{*std::move(low), *std::move(end)};
}

/// Why nothing can be asked of a partition; empty when it can.
std::map<Partition, std::string> obstacles_of(const rd_kafka_metadata_t& metadata) {
    std::map<Partition, std::string> out;
    for (int i = 0; i < metadata.topic_cnt; ++i) {
        const auto& topic = metadata.topics[i];
        for (int j = 0; j < topic.partition_cnt; ++j) {
            const auto& partition = topic.partitions[j];
            const bool led = partition.leader >= 0;
            out[{topic.topic, partition.id}] = led ? "" : "the partition has no leader";
        }
    }
    return out;
}

}  // namespace

PartitionListPtr list_of(std::span<const Partition> partitions, std::int64_t offset) {
    PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const auto& one : partitions)
        rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.partition)->offset = offset;
    return list;
}

Result<MetadataPtr> fetch_metadata(ClusterHandle& handle, const Control& control) {
    const rd_kafka_metadata_t* metadata = nullptr;
    auto done = handle.patiently("reading the cluster's metadata", control, [&](int timeout_ms) {
        return rd_kafka_metadata(handle.get(), 1, nullptr, &metadata, timeout_ms);
    });
    if (!done) return done.error();
    return MetadataPtr(metadata);
}

std::vector<Topic> topics_of(const rd_kafka_metadata_t& metadata) {
    std::vector<Topic> out;
    for (int i = 0; i < metadata.topic_cnt; ++i) {
        const auto& from = metadata.topics[i];
        Topic topic{.name = from.topic, .partitions = {}, .internal = false};
        topic.internal = topic.name.starts_with("__");
        for (int j = 0; j < from.partition_cnt; ++j) {
            const auto& partition = from.partitions[j];
            topic.partitions.push_back(partition.id);
            if (partition.leader < 0)
                topic.offline.push_back(partition.id);
            else if (partition.isr_cnt < partition.replica_cnt)
                topic.under_replicated.push_back(partition.id);
        }
        for (auto* list : {&topic.partitions, &topic.offline, &topic.under_replicated})
            std::sort(list->begin(), list->end());
        out.push_back(std::move(topic));
    }
    std::sort(out.begin(), out.end(),
              [](const Topic& left, const Topic& right) { return left.name < right.name; });
    return out;
}

Result<std::vector<Watermarks>> fetch_watermarks(ClusterHandle& handle, const rd_kafka_metadata_t& metadata,
                                                 const std::vector<Partition>& partitions,
                                                 const Control& control) {
    const auto obstacles = obstacles_of(metadata);
    std::vector<Watermarks> out;
    std::vector<Partition> asked;
    std::vector<std::size_t> places;  // of `asked` in `out`
    for (const auto& partition : partitions) {
        auto& one = out.emplace_back(Watermarks{.partition = partition, .error = {}});
        const auto found = obstacles.find(partition);
        if (found == obstacles.end()) {
            one.error = "there is no such topic or partition";
        } else if (!found->second.empty()) {
            one.error = found->second;
        } else {
            asked.push_back(partition);
            places.push_back(out.size() - 1);
        }
    }

    const auto parts =
        ask_in_parts<Ends>(asked, [&](Part part) { return fetch_ends(handle, part, control); });
    if (!parts) return parts.error();
    auto place = places.begin();
    for (const auto& [low, end] : *parts) {
        for (int i = 0; i < low->cnt; ++i) {
            const auto& first = low->elems[i];
            const auto& last = end->elems[i];
            auto& one = out[*place++];
            one.low = first.offset;
            one.end = last.offset;
            const auto code = first.err != RD_KAFKA_RESP_ERR_NO_ERROR ? first.err : last.err;
            if (code != RD_KAFKA_RESP_ERR_NO_ERROR) one.error = rd_kafka_err2str(code);
        }
    }
    return out;
}

Result<std::map<Partition, OffsetAt>> fetch_offsets_at(ClusterHandle& handle, std::int64_t timestamp_ms,
                                                       const std::vector<Partition>& partitions,
                                                       const Control& control) {
    const auto parts = ask_in_parts<PartitionListPtr>(partitions, [&](Part part) {
        return fetch_offsets(handle, std::max<std::int64_t>(0, timestamp_ms), part, control);
    });
    if (!parts) return parts.error();
    std::map<Partition, OffsetAt> out;
    for (const auto& list : *parts) {
        for (int i = 0; i < list->cnt; ++i) {
            const auto& one = list->elems[i];
            auto& at = out[{one.topic, one.partition}];
            if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR)
                at.error = rd_kafka_err2str(one.err);
            else if (one.offset >= 0)
                at.offset = one.offset;
        }
    }
    return out;
}

}  // namespace casefile::sources::kafka
