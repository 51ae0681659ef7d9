#pragma once
// Errors that several methods answer with.

#include <string>
#include <string_view>
#include <vector>

#include "mcp/message.h"
#include "mcp/tool.h"

namespace casefile::mcp {

/// Only the log is told the cause: it may hold what the client must not see.
RpcError failed_inside(std::string_view subject, std::string_view cause);

/// For a client that did not declare that it can be asked these.
RpcError lacking(const std::vector<Question>& questions, std::string message);

/// For a client that did not declare the extension for tasks.
RpcError lacking_tasks();

}  // namespace casefile::mcp
