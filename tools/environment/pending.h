#pragma once
// Confirmations that wait for a human at a terminal, for clients that cannot put a question.

#include "tools/workbench.h"

namespace casefile::tools {

/// A confirmation that waits for `casefile confirm CODE`, kept in <home>/pending for fifteen minutes.
struct Pending {
    std::string code, case_id, env, principal, identity_sha256, asked_at;
    std::vector<SourceKind> kinds;
};
Result<Pending> keep_pending(Workbench& bench, Pending pending);
Result<std::vector<Pending>> pending_confirmations(const Workbench& bench);
void drop_pending(const Workbench& bench, const std::string& code);
/// Every code of this case and environment: an answer of the human, whatever it was, ends them.
void drop_pending(const Workbench& bench, const std::string& case_id, const std::string& env);

}  // namespace casefile::tools
