#pragma once
// One value of a JSON file of any size, by JSON Pointer (RFC 6901), in memory that depends on the answer
// alone.

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "base/json.h"

namespace casefile::tools::evidence_record {

/// Fills the buffer and gives the bytes read, 0 at the end.
using ByteSource = std::function<Result<std::size_t>(std::span<char>)>;

struct JsonRequest {
    std::string pointer;        ///< "" is the whole document, "/a/0" the first element of its member a
    std::uint64_t offset = 0;   ///< elements, members or bytes of a string to leave out
    std::size_t items_max = 0;  ///< elements or members
    std::size_t bytes_max = 0;  ///< of the answer
};

struct JsonSlice {
    /// The value; of one that is too large the part from `offset` on. An element or member that alone is too
    /// large comes as text that tells its size.
    json::value value;
    std::optional<std::uint64_t> next_offset;  ///< there is more from here
};

/// Errors: `invalid_argument` for a pointer that is none, `not_found` where it leads nowhere (the hint lists
/// what is there), `internal` for a file that is no JSON.
Result<JsonSlice> read_json_slice(ByteSource source, const JsonRequest& request);

}  // namespace casefile::tools::evidence_record
