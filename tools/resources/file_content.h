#pragma once
// What a resource gives of a file: all of a small one, the beginning of a big one.

#include <string>

#include "mcp/resource.h"

namespace casefile::tools::resources {

inline constexpr std::uint64_t content_bytes_max = 1024 * 1024;

/// The content of an open file called `name`, without its URI. Text above content_bytes_max ends at a line,
/// and with one more line that says so and `where_the_rest_is`. Files of other formats, and bytes that are no
/// UTF-8, come as they are or, above the limit, not at all: limit_reached.
Result<mcp::ResourceContent> read_content(int file, const std::string& name,
                                          const std::string& where_the_rest_is);

}  // namespace casefile::tools::resources
