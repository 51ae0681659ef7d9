#pragma once
// The toolset `admin`: over all cases of a home, and what is kept from them.

#include "tools/tool_spec.h"

namespace casefile::tools::admin {

std::unique_ptr<mcp::Tool> list_cases_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> search_notes_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> get_stats_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> export_page_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> learn_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> save_pattern_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> find_similar_tool(Workbench& bench);

}  // namespace casefile::tools::admin
