#pragma once
// Names that a case's evidence already tells: tables that were described, consumer groups that were measured.

#include <string>
#include <vector>

#include "tools/workbench.h"

namespace casefile::tools::resources {

/// Newest evidence first, each name once; of all environments when `env` is empty. Looks at the newest runs
/// only, and leaves out names that cannot be typed as they are shown.
std::vector<std::string> filed_tables(Workbench& bench, const cases::CaseState& state,
                                      const std::string& env);
std::vector<std::string> filed_groups(Workbench& bench, const cases::CaseState& state,
                                      const std::string& env);

}  // namespace casefile::tools::resources
