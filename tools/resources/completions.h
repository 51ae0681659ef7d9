#pragma once
// What could stand in the arguments of prompts and in the variables of resource templates, found by their
// names: case, run, file, kind, env, source, table, group, entity, hypothesis and more. All of it comes from
// casefile's own record: a completion opens no connection.

#include "mcp/completion.h"
#include "tools/workbench.h"

namespace casefile::tools::resources {

/// `bench` has to outlive it.
mcp::Completer completer(Workbench& bench);

}  // namespace casefile::tools::resources
