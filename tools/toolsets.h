#pragma once
// The tools on offer, in a fixed order: clients keep what they read of it.

#include "mcp/catalog.h"
#include "tools/workbench.h"

namespace casefile::tools {

void add_default_tools(mcp::Catalog& catalog, Workbench& bench);

}  // namespace casefile::tools
