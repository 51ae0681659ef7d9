#pragma once
// Consumer groups from outside: who they are, what state they are in, how far they committed.

#include "sources/kafka/cluster_handle.h"

namespace casefile::sources::kafka {

Result<GroupList> list_groups(ClusterHandle& handle, const Control& control);

Result<std::vector<Group>> read_groups(ClusterHandle& handle, const std::vector<std::string>& names,
                                       const std::vector<Partition>& partitions, const Control& control);

}  // namespace casefile::sources::kafka
