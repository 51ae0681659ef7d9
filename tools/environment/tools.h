#pragma once
// The tools that find, confirm and recognise environments.

#include "tools/tool_spec.h"

namespace casefile::tools::environment {

std::unique_ptr<mcp::Tool> list_environments_tool(Workbench& bench);
GuardedTool confirm_environment_tool(Workbench& bench);
GuardedTool fingerprint_tool(Workbench& bench);

}  // namespace casefile::tools::environment
