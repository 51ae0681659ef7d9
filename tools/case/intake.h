#pragma once
// Asking the human for what a new case does not tell yet, where the client can ask.

#include "cases/case.h"
#include "mcp/tool.h"
#include "tools/workbench.h"

namespace casefile::tools::case_record {

/// One form with a field for each thing that is missing, none of them required. Nothing when all is told,
/// when the client cannot ask, or when it has asked.
std::optional<mcp::NeedsInput> ask_for_missing(const cases::CaseFields& told,
                                               const mcp::CallContext& context);

/// `told` with what the human filled in. What was left empty, or declined, stays a question of the case.
cases::CaseFields with_answers(cases::CaseFields told, const mcp::CallContext& context);

/// What the case still has to be told: its own questions, and an environment that is none of those here.
std::vector<std::string> open_questions(const Workbench& bench, const cases::CaseState& state);

}  // namespace casefile::tools::case_record
