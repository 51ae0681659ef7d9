#pragma once
// Which environment a call means. Nothing is guessed: it is named, or it is the only one that a human
// confirmed for this case.

#include <string>

#include "cases/case.h"
#include "tools/workbench.h"

namespace casefile::tools {

/// `asked`, or where that is empty the only environment that is confirmed for the case and the principal.
/// `name` is how the arguments call it, for example "left.env". not_found when nothing is called so, denied
/// when none is confirmed, invalid when several are.
Result<std::string> meant_environment(Workbench& bench, const std::string& name, const std::string& asked,
                                      const cases::CaseState& state, const std::string& principal);

}  // namespace casefile::tools
