#pragma once
// The functions that a statement may call: built into MySQL 8 or MariaDB, and without an effect beyond their
// value.

#include <string_view>

namespace casefile::policy {

/// `name` in upper case. Built-in functions win over stored ones of the same name, so the name decides, but
/// for a name that the server does not have built in: there a stored function of that name is called.
bool is_harmless_function(std::string_view name);

/// Built into every MySQL since 5.0 and every MariaDB.
bool is_built_in_everywhere(std::string_view name);

/// Of these the server reads `name (`, with a space, as a call of a stored function.
bool needs_its_bracket_close(std::string_view name);

/// Why a known function is refused and what to ask instead; both empty for names that are merely unknown.
struct FunctionRefusal {
    std::string_view reason;
    std::string_view hint;
};
FunctionRefusal why_refused(std::string_view name);

}  // namespace casefile::policy
