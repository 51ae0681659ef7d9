#pragma once
// Members of a JSON object, read without building the whole of it: most values of a cache are such objects,
// and most of them equal their row.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/diff/value.h"

namespace casefile::tools::diff {

/// One member as it is written; valid while the text is.
struct JsonMember {
    Value::Kind kind{};
    std::string_view raw;  ///< without the quotes of a text
    bool escaped = false;  ///< a text that holds a backslash

    Value value() const;
};

/// Hears of member `at` of the names; false ends the reading.
using TakeMember = std::function<bool(std::size_t at, const JsonMember& member)>;

/// Hands over the members `names` of the object `text` in the order in which they are written, which of two
/// with one name is both. False when one was not taken, or when `text` is no object, or one that is not read
/// quickly (escapes by number, exponents, deep nesting): ExactJson then tells what it is.
bool take_json_members(std::string_view text, const std::vector<std::string>& names, const TakeMember& take);

/// The values of the members `names` of the object `text`, in order; `missing` where there is none, and of
/// two with one name the last. Objects and arrays come as they are written. Nothing where
/// take_json_members() is false.
std::optional<std::vector<Value>> json_members(std::string_view text, const std::vector<std::string>& names);

}  // namespace casefile::tools::diff
