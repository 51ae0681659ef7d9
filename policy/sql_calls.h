#pragma once
// Which functions a statement calls that a server may lack.

#include <string>
#include <string_view>
#include <vector>

namespace casefile::policy {

/// The functions that a statement calls, each once and in upper case, but for those that every server has had
/// built in for long: of the others, a server that lacks one calls a stored function of that name.
std::vector<std::string> functions_not_everywhere(std::string_view sql);

}  // namespace casefile::policy
