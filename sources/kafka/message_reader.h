#pragma once
// Messages of one topic, from a start to the ends that were seen when the read began.

#include "sources/kafka/cluster_handle.h"

namespace casefile::sources::kafka {

Result<std::vector<FirstMessage>> read_first_messages(ClusterHandle& handle, const std::vector<Place>& places,
                                                      const Control& control);

Result<ReadEnd> read_messages(ClusterHandle& handle, const ReadRequest& request, const Control& control);

}  // namespace casefile::sources::kafka
