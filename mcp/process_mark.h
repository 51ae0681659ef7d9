#pragma once
// Which process something on disk belongs to, in a form by which another can tell whether it still runs.

#include <string>

namespace casefile::mcp {

std::string own_mark();
/// Of another process, which still runs.
bool lives_elsewhere(const std::string& mark);

}  // namespace casefile::mcp
