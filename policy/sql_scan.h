#pragma once
// The rules that hold everywhere in a statement, whatever its kind.

#include <string>

#include "policy/sql_lexer.h"
#include "policy/verdict.h"

namespace casefile::policy {

/// Brackets and braces within one another; deeper ones are refused. What reads a bracket calls itself for
/// those within, and no person writes so many.
constexpr std::size_t sql_depth_max = 256;

/// "statement not allowed: …", the form of every refusal of SQL.
Verdict refuse_sql(std::string reason, std::string hint);

/// Refuses words that write, lock or send rows elsewhere, functions that are not known to be harmless, tables
/// that hold password hashes or other sessions' statements, hints that set variables, and brackets that do
/// not match or are too deep.
Verdict scan_sql(SqlTokens tokens);

}  // namespace casefile::policy
