#pragma once
// What a member of a consumer group was given to read, in the bytes of the consumer protocol.

#include <string_view>

#include "sources/kafka/source.h"

namespace casefile::sources::kafka {

/// None when the bytes are not an assignment. No bytes are one of nothing: the group is still being balanced.
std::optional<std::vector<Partition>> read_assignment(std::string_view bytes);

}  // namespace casefile::sources::kafka
