#pragma once
// The tools that read the evidence of a case. They make no run, so that reading never moves the head.

#include "tools/tool_spec.h"

namespace casefile::tools::evidence_record {

std::unique_ptr<mcp::Tool> read_evidence_tool(Workbench& bench);
std::unique_ptr<mcp::Tool> verify_evidence_tool(Workbench& bench);

}  // namespace casefile::tools::evidence_record
