#pragma once
// What can be read by its URI beside cases: what this installation has learned and goes by.
//
//   casefile://policy/learn   what a global pack may not hold, and what stands in its place
//   casefile://patterns       the patterns of the cases that the reader may see
//   casefile://runbooks       the runbooks of this home, each with the steps that casefile can do

#include "mcp/resource.h"
#include "tools/workbench.h"

namespace casefile::tools::resources {

/// In a fixed order; they stand behind all cases in a list.
const std::vector<mcp::Resource>& home_resources();

/// Nothing for a URI that is none of them.
std::optional<mcp::ResourceContent> read_home_resource(Workbench& bench, const std::string& principal,
                                                       const std::string& uri);

}  // namespace casefile::tools::resources
