#pragma once
// Which optimizer hints may be given.

#include <string_view>

#include "policy/verdict.h"

namespace casefile::policy {

/// `hint` is the whole of /*+ … */. Allows hints that choose a plan, and a time limit that is no longer than
/// casefile's own.
Verdict judge_hint(std::string_view hint);

}  // namespace casefile::policy
