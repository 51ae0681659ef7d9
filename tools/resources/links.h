#pragma once
// The way from an answer to the files that its run left.

#include "evidence/run.h"
#include "mcp/tool.h"

namespace casefile::tools::resources {

/// Adds links to the run's first output files, and a line with the same URIs to the text: many clients show
/// nothing but text. A call that reached no case has no resources.
void add_links(mcp::ToolResult& result, const std::string& case_id, const evidence::Receipt& receipt);

}  // namespace casefile::tools::resources
