#pragma once
// What each tool of a toolset needs, and whether it is there.

#include <map>

#include "app/installation.h"

namespace casefile::app {

/// One line of what doctor tells. Missing is no fault: another tool may do.
struct Finding {
    enum class State { ready, missing, failing } state;
    std::string what, detail;
};

/// By environment and kind: true where the source answered; not there where no variable names one.
using Answered = std::map<std::pair<std::string, SourceKind>, bool>;

/// In order: tools that need no source, then each environment, then folders.
std::vector<Finding> look_at_toolset(Installation& installation, const std::string& toolset,
                                     const Answered& answered);

}  // namespace casefile::app
