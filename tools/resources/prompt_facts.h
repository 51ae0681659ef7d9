#pragma once
// What prompts know of the case that they are given: {{case.brief}} and the like.

#include "mcp/prompt.h"
#include "tools/workbench.h"

namespace casefile::tools::resources {

/// `bench` has to outlive it. Refuses a case that the reader may not see.
mcp::PromptFacts prompt_facts(Workbench& bench);

}  // namespace casefile::tools::resources
