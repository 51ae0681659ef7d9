#pragma once
// Paths into JSON documents within a statement. A document is shown with its members masked by their names;
// a path takes the name away.

#include "policy/mask_rules.h"
#include "policy/sql_lexer.h"
#include "policy/verdict.h"

namespace casefile::policy {

/// Refuses a text that is a path to a masked member, to any member, or to one that is not named in full.
Verdict judge_paths(SqlTokens tokens, const MaskRules& rules);

}  // namespace casefile::policy
