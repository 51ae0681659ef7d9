#pragma once
// Cursors of paged lists: opaque to the client, and worthless when it makes one up.

#include <string>
#include <string_view>

#include "base/error.h"

namespace casefile::mcp {

/// For the page of `list` that follows the item `after`.
std::string make_cursor(std::string_view key, std::string_view list, std::string_view after);

/// The item after which the page begins. Refuses what this installation did not make for this list.
Result<std::string> open_cursor(std::string_view key, std::string_view list, std::string_view cursor);

}  // namespace casefile::mcp
