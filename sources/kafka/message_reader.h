#pragma once
// Messages of one topic, from a start to the ends that were seen when the read began.

#include "sources/kafka/cluster_handle.h"

namespace casefile::sources::kafka {

Result<ReadEnd> read_messages(ClusterHandle& handle, const ReadRequest& request, const Control& control);

}  // namespace casefile::sources::kafka
