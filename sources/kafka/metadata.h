#pragma once
// Topics, partitions and the offsets at their two ends.

#include <span>

#include "sources/kafka/cluster_handle.h"

namespace casefile::sources::kafka {

/// The whole cluster: asking for one topic by name could create it on a broker that allows that.
Result<MetadataPtr> fetch_metadata(ClusterHandle& handle, const Control& control);

std::vector<Topic> topics_of(const rd_kafka_metadata_t& metadata);

/// In the order of `partitions`. A partition that does not exist or has no leader is an error of its own
/// only.
Result<std::vector<Watermarks>> fetch_watermarks(ClusterHandle& handle, const rd_kafka_metadata_t& metadata,
                                                 const std::vector<Partition>& partitions,
                                                 const Control& control);

/// The first offset at or after a time.
struct OffsetAt {
    std::optional<std::int64_t> offset;  ///< none: there is no such message, or the broker looks up no times
    std::string error;                   ///< of this partition, empty when fine
};

/// For each partition.
Result<std::map<Partition, OffsetAt>> fetch_offsets_at(ClusterHandle& handle, std::int64_t timestamp_ms,
                                                       const std::vector<Partition>& partitions,
                                                       const Control& control);

PartitionListPtr list_of(std::span<const Partition> partitions, std::int64_t offset);

}  // namespace casefile::sources::kafka
