#pragma once
// Two reads of the same entity call for their comparison.

#include <optional>
#include <span>

#include "base/json.h"
#include "sources/redis/source.h"
#include "tools/recent_rows.h"

namespace casefile::tools::redis {

/// The arguments of the call of `diff` that compares the queried rows with the keys that were read: where a
/// key such as `order:7` ends in a value of one of their columns, `id` before others. Nothing where none
/// does, or where the commands read no values.
std::optional<json::object> next_diff(const QueriedRows& queried,
                                      std::span<const sources::redis::Command> commands);

}  // namespace casefile::tools::redis
