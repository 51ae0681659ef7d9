#pragma once
// A statement for showing: its literals through the masks.

#include <string>
#include <string_view>

#include "policy/mask_text.h"
#include "policy/sql_lexer.h"

namespace casefile::policy {

/// Replaces literals that have a secret's shape, and in a statement that names a masked column every literal
/// that is not plainly compared with another column. Bound parameters (X'…') are read as the text they are.
/// A text that is no SQL keeps nothing when it names a masked column.
std::string mask_literals(std::string_view sql, const MaskRules& rules, const MaskToken& token);

/// Some name in it is that of a masked column.
bool names_masked_column(std::string_view sql, const MaskRules& rules);

/// A name without its backticks, its case as written.
std::string written_name(const SqlToken& token);

/// The bytes that a string or hexadecimal literal stands for.
std::string literal_bytes(const SqlToken& token);

}  // namespace casefile::policy
