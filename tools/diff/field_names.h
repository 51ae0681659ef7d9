#pragma once
// The names that a call gives to fields, beside those that the sides have.

#include "tools/diff/rules.h"

namespace casefile::tools::diff {

/// True for a name in `names`, and for a path into one of them, such as address.city.
bool has_field(const std::vector<std::string>& names, const std::string& name);

/// True for a name that can be compared or ignored: one of `names`, or a path into one that `rename` names.
bool is_compared(const Rules& rules, const std::vector<std::string>& names, const std::string& name);

/// What compare.rename names on the left, or on the right, and is none of `names`. Keys are not told.
std::vector<std::string> unknown_renamed(const Rules& rules, bool is_left,
                                         const std::vector<std::string>& names);

/// Paths into `names` that compare.rename names on that side: fields like any other.
std::vector<std::string> renamed_paths(const Rules& rules, bool is_left,
                                       const std::vector<std::string>& names);

/// A typing error there would drop a field without a word. The error lists `names`, which are all there are.
Result<void> check_renamed(const Rules& rules, bool is_left, const std::vector<std::string>& names);
Result<void> check_ignored(const Rules& rules, const std::vector<std::string>& left,
                           const std::vector<std::string>& right);

/// "not compared, because the left has no such field: …".
std::string told_of_missing(bool on_left, const std::vector<std::string>& fields);

}  // namespace casefile::tools::diff
