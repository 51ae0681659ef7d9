#pragma once
// The tool that compares two sides.

#include "tools/tool_spec.h"

namespace casefile::tools::diff {

GuardedTool diff_tool(Workbench& bench);

}  // namespace casefile::tools::diff
