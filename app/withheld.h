#pragma once
// What an export left out, in one line.

#include <string>
#include <vector>

namespace casefile::app {

/// "6 files withheld: script and input of 3 runs", of paths within a case: there are two of them for each
/// run, and export.json names all.
std::string describe_withheld(const std::vector<std::string>& paths);

}  // namespace casefile::app
