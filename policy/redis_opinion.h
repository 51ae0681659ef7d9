#pragma once
// What the server itself says of a command, as a second opinion: it can refuse what the list of reading
// commands allowed, and allow nothing.

#include <string>
#include <vector>

#include "policy/verdict.h"

namespace casefile::policy {

/// Judges a command that judge_redis() allowed. `served_as` is what the server calls the command that it runs
/// under this name ("memory|usage"; another one where commands were renamed), `flags` are those of COMMAND
/// INFO. Refused are other commands under the name of this one, and all that the server says may write or
/// wait; of commands that read data also what it counts as administration or subscription.
Verdict judge_redis_opinion(const std::vector<std::string>& command, const std::string& served_as,
                            const std::vector<std::string>& flags);

}  // namespace casefile::policy
