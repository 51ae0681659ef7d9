#pragma once
// The tools on offer, in the fixed order of INTERFACE section 4.

#include "mcp/catalog.h"
#include "tools/workbench.h"

namespace casefile::tools {

void add_default_tools(mcp::Catalog& catalog, Workbench& bench);

}  // namespace casefile::tools
