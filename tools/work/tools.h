#pragma once
// The toolset `work`: planning, deciding, measuring and handing over. All of it is kept in the case; no tool
// here reaches a source or changes anything outside casefile.

#include "tools/tool_spec.h"

namespace casefile::tools::work {

std::unique_ptr<mcp::Tool> set_plan_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> set_hypothesis_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> set_action_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> set_impact_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> compute_slo_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> hand_off_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> record_analysis_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> record_fix_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> draft_document_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> find_runbook_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> next_step_tool(Workbench& bench);

}  // namespace casefile::tools::work
