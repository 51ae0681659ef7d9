#pragma once
// May this Redis command be sent? A fixed list of reading commands with checks of their arguments; unknown
// means refused.

#include <string>
#include <vector>

#include "policy/verdict.h"

namespace casefile::policy {

/// Judges one argument vector. Case does not matter; subcommands count as part of the command. Options that
/// write or block (XREAD BLOCK, SORT STORE …) are refused, as are whole-collection reads without a bound
/// where a windowed form exists, KEYS, scripts and everything unknown.
Verdict judge_redis(const std::vector<std::string>& command);

}  // namespace casefile::policy
