#pragma once
// Messages of several partitions in one order of time.

#include "sources/kafka/source.h"

namespace casefile::sources::kafka {

/// Places of `messages`, which lie by partition and offset: the oldest first, or the newest. Partitions are
/// merged by the times of their messages, but each keeps the order of its own offsets, whatever times its
/// producers gave: so any number of the first ones leaves no gap in a partition.
std::vector<std::size_t> in_time_order(const std::vector<Message>& messages, bool newest_first);

}  // namespace casefile::sources::kafka
