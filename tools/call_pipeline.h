#pragma once
// The way of every data call: find the case, open a run, ask the gate, ask the question, seal the run, shape
// the answer.

#include "tools/tool_spec.h"

namespace casefile::tools {

/// Wraps a guarded tool as an MCP tool. `bench` has to outlive it.
std::unique_ptr<mcp::Tool> guard(GuardedTool tool, Workbench& bench);

}  // namespace casefile::tools
