#pragma once
// A tool whose answers are described in less detail: what stands in the items of a list is left to be read.
// Clients pay for every word of a schema; toolsets beyond the default one have a small budget.

#include <memory>

#include "mcp/tool.h"

namespace casefile::tools {

/// The same tool; its output schema names lists, and not what their items hold. Answers stay as they are.
std::unique_ptr<mcp::Tool> with_brief_output(std::unique_ptr<mcp::Tool> tool);

}  // namespace casefile::tools
