#pragma once
// The tools that read MySQL and MariaDB.

#include "tools/tool_spec.h"

namespace casefile::tools::mysql {

GuardedTool query_tool(Workbench& bench);
GuardedTool describe_tool(Workbench& bench);

}  // namespace casefile::tools::mysql
