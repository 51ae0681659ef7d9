#pragma once
// Completions: what could stand in an argument of a prompt, or for a variable of a resource template.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "mcp/resource.h"

namespace casefile::mcp {

struct CompletionRequest {
    enum class Of { prompt, resource_template } of = Of::prompt;
    std::string reference;                     ///< the prompt's name, or the URI template
    std::string argument;                      ///< which is being filled in
    std::string begun;                         ///< what is there of it so far
    std::map<std::string, std::string> given;  ///< the other arguments
};

/// Everything that fits, best first; the server tells at most 100 of it. Empty for an argument without
/// completions. Never tells what the reader may not see.
using Completer = std::function<std::vector<std::string>(const CompletionRequest&, const Reader&)>;

}  // namespace casefile::mcp
