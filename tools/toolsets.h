#pragma once
// The tools on offer, in a fixed order: clients keep what they read of it.

#include "mcp/catalog.h"
#include "tools/workbench.h"

namespace casefile::tools {

/// The names that --toolsets takes.
const std::vector<std::string>& toolset_names();

/// Adds the tools of these toolsets, each once however many of them name it.
void add_tools(mcp::Catalog& catalog, Workbench& bench, const std::vector<std::string>& toolsets);

using ToolsetOf = std::map<std::string, std::string, std::less<>>;
/// The tools of `work` and `admin` by name, each with that toolset: what prompts may name beyond the default.
ToolsetOf tools_beyond_default();

}  // namespace casefile::tools
