#pragma once
// Members of a JSON object, read without building the whole of it: most values of a cache are such objects,
// and most of them equal their row.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/diff/value.h"

namespace casefile::tools::diff {

/// The values of the members `names` of the object `text`, in order; `missing` where there is none, and of
/// two with one name the last. Objects and arrays come as they are written. Nothing when `text` is no object,
/// or one that is not read quickly (escapes by number, exponents, deep nesting): ExactJson then tells what it
/// is.
std::optional<std::vector<Value>> json_members(std::string_view text, const std::vector<std::string>& names);

}  // namespace casefile::tools::diff
