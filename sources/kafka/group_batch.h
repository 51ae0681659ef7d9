#pragma once
// State and members of all groups at once: two requests a broker, where the Admin API needs two a group.

#include "sources/kafka/cluster_handle.h"

namespace casefile::sources::kafka {

/// By name and without offsets, what came in time. Left out is what this way does not tell plainly: groups
/// with an error, those of another protocol than the consumers', and those with an assignment that cannot be
/// read. May run beside other questions on the same handle.
std::map<std::string, Group> describe_all_groups(const ClusterHandle& handle, const Control& control);

}  // namespace casefile::sources::kafka
