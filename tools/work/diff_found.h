#pragma once
// Reads back what a diff run of a case found.

#include "cases/documents.h"
#include "tools/workbench.h"

namespace casefile::tools::work {

/// From the run's diff file. `run` is a run id or a number; empty: the newest answered diff. At most 1,000
/// keys are kept, all are counted.
Result<cases::DiffFound> read_diff(Workbench& bench, const cases::CaseState& state, const std::string& run);

}  // namespace casefile::tools::work
