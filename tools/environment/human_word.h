#pragma once
// What every question to the human shares: a box to tick, the label typed where the environment is protected,
// and a terminal where the configuration demands one. Nothing that a model can pass counts as an answer.

#include "mcp/tool.h"
#include "policy/gate.h"

namespace casefile::tools {

/// What the human is asked to allow. `refusal` begins every error: "PROD was not confirmed".
struct HumanAsked {
    std::string env;
    std::string title;  ///< of the box: "Read PROD"
    std::string refusal;
    std::string again;  ///< what to do when only the label was wrong
};

/// The form asks for `confirm`, and for `environment`, the label typed, where the environment is protected.
mcp::Question question_to_human(const policy::Rules& rules, std::string key, std::string message,
                                const HumanAsked& asked);

/// Did the human say yes, and where it counts? The error says what was missing; a decline is final.
Result<void> check_human_answer(const policy::Rules& rules, const mcp::HumanAnswer& answer,
                                const HumanAsked& asked);

}  // namespace casefile::tools
