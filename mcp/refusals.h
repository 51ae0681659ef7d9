#pragma once
// Errors that several methods answer with.

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/message.h"
#include "mcp/tool.h"

namespace casefile::mcp {

/// Only the log is told the cause: it may hold what the client must not see.
RpcError failed_inside(std::string_view subject, std::string_view cause);

/// What `run` gives; whatever it throws becomes what `failed` makes of the cause.
template <class Run, class Failed>
auto guarded(Run run, Failed failed) -> decltype(run()) {
    try {
        return run();
    } catch (const std::exception& unforeseen) {
        return failed(unforeseen.what());
    } catch (...) {
        return failed("something that is no exception was thrown");
    }
}

/// For a client that did not declare that it can be asked these.
RpcError lacking(const std::vector<Question>& questions, std::string message);

/// For a client that did not declare the extension for tasks.
RpcError lacking_tasks();

}  // namespace casefile::mcp
