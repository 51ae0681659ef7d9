#pragma once
// Which forms of SHOW may be asked.

#include "policy/sql_lexer.h"
#include "policy/verdict.h"

namespace casefile::policy {

/// `tokens` begins with SHOW and is one statement. Forms that print password hashes or other sessions'
/// statements are refused, as are all that are not listed.
Verdict judge_show(SqlTokens tokens);

}  // namespace casefile::policy
