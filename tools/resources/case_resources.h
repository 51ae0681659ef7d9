#pragma once
// The cases of a home as resources, for those who may see them. Each has a tool twin, for clients that know
// tools alone. Reading makes no run and never moves the head of a case.

#include <memory>

#include "mcp/resource.h"
#include "tools/workbench.h"

namespace casefile::tools::resources {

/// Lists records, logs and drafts, newest case first; a run's manifest and files are reached by template.
/// `bench` has to outlive it.
std::unique_ptr<const mcp::Resources> case_resources(Workbench& bench);

}  // namespace casefile::tools::resources
