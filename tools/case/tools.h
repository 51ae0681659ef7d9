#pragma once
// The tools that keep casefile's own record: the case, its log, its timeline, its write-ups. They reach no
// source.

#include "tools/tool_spec.h"

namespace casefile::tools::case_record {

std::unique_ptr<mcp::Tool> open_case_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> get_case_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> update_case_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> write_log_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> timeline_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> draft_postmortem_tool(Workbench& bench);

}  // namespace casefile::tools::case_record
