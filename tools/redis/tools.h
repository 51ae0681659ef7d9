#pragma once
// The tools that read Redis.

#include "tools/tool_spec.h"

namespace casefile::tools::redis {

GuardedTool read_tool(Workbench& bench);
GuardedTool scan_tool(Workbench& bench);

}  // namespace casefile::tools::redis
