// Tools that tell of their progress, log, lose their stream, or set off a notification.

#include "tests/conformance/server/fixtures.h"

namespace casefile::conformance {
namespace {

using std::chrono::milliseconds;

mcp::ToolOutcome log_three_times(const json::object&, mcp::CallContext& context) {
    for (const auto* message :
         {"Tool execution started", "Tool processing data", "Tool execution completed"}) {
        context.log("info", message);
        pass_time(milliseconds(50), context.stop);
    }
    return said("logged");
}

mcp::ToolOutcome tell_progress(const json::object&, mcp::CallContext& context) {
    for (const int done : {0, 50, 100}) {
        context.progress(done, 100, "");
        // Longer than the least time between two notifications.
        pass_time(milliseconds(120), context.stop);
    }
    return said("progress told");
}

mcp::ToolOutcome lose_the_stream(const json::object&, mcp::CallContext& context) {
    context.pause_stream();
    pass_time(milliseconds(100), context.stop);
    return said("The stream was closed and resumed.");
}

}  // namespace

void add_stream_tools(mcp::Catalog& catalog, const mcp::Changes& changes) {
    const auto add = [&](const char* name, const char* description, Function function) {
        add_tool(catalog, name, description, {}, std::move(function));
    };
    add("test_tool_with_logging", "Logs three messages.", log_three_times);
    add("test_logging_tool", "Logs three messages, where the request asks for them.", log_three_times);
    add("test_tool_with_progress", "Tells its progress three times.", tell_progress);
    add("test_reconnection", "Closes its stream before the answer.", lose_the_stream);
    add("test_trigger_tool_change", "Announces that the tools changed.", [&changes](const auto&, auto&) {
        changes.publish({.of = mcp::Change::Of::tools});
        return said("announced");
    });
    add("test_trigger_prompt_change", "Announces that the prompts changed.", [&changes](const auto&, auto&) {
        changes.publish({.of = mcp::Change::Of::prompts});
        return said("announced");
    });
}

}  // namespace casefile::conformance
