#pragma once
// May this SQL be sent? A lexer that reads MySQL's and MariaDB's tokens, and an allow-list on top: unknown
// means refused. It assumes what the driver pins on every connection: sql_mode without ANSI_QUOTES and
// NO_BACKSLASH_ESCAPES, utf8mb4, multi-statements off, local infile off.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "policy/verdict.h"

namespace casefile::policy {

/// Allows exactly one reading statement: SELECT, WITH … SELECT, TABLE, VALUES, a list of SHOW forms,
/// DESCRIBE, and EXPLAIN of these. Refuses by name of the rule: two statements, INTO, locking reads, user
/// variables, `:=`, executable comments, functions that lock, sleep, read files or write, unknown or
/// schema-qualified functions, everything unknown.
Verdict judge_sql(std::string_view sql);

/// Replaces each `?` outside of strings, identifiers and comments by a literal that needs no escaping: digits
/// for numbers, `_utf8mb4 X'…'` for strings, NULL, TRUE, FALSE. `params` is an array; the counts must agree.
/// The result has to be judged again.
Result<std::string> bind_parameters(std::string_view sql, const json::array& params);

}  // namespace casefile::policy
