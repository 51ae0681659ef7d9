// Tools whose work goes on as a task (extension io.modelcontextprotocol/tasks).

#include "tests/conformance/server/fixtures.h"

namespace casefile::conformance {
namespace {

using std::chrono::milliseconds;

const json::object text{{"type", "string"}};

mcp::ToolResult failed(std::string message) {
    auto result = said(std::move(message));
    result.is_error = true;
    return result;
}

mcp::ToolOutcome compute(const json::object& arguments, mcp::CallContext&) {
    const auto* seconds = arguments.if_contains("seconds");
    const auto time =
        milliseconds(seconds != nullptr && seconds->is_int64() ? seconds->get_int64() * 1000 : 0);
    if (time.count() == 0) return said("computed at once");
    return mcp::LongWork{.run = [time](mcp::CallContext& context) -> mcp::ToolOutcome {
        pass_time(time, context.stop);
        return said("computed");
    }};
}

mcp::ToolOutcome fail_later(const json::object&, mcp::CallContext&) {
    return mcp::LongWork{.run = [](mcp::CallContext& context) -> mcp::ToolOutcome {
                             pass_time(milliseconds(1000), context.stop);
                             return failed("the job failed");
                         },
                         .only_as_task = true};
}

mcp::ToolOutcome break_later(const json::object&, mcp::CallContext&) {
    return mcp::LongWork{.run = [](mcp::CallContext& context) -> mcp::ToolOutcome {
        pass_time(milliseconds(200), context.stop);
        return internal("broken on purpose");
    }};
}

/// Asks within the task, everything at once.
Function asking_later(std::vector<mcp::Question> questions) {
    return [questions = std::move(questions)](const json::object&, mcp::CallContext&) -> mcp::ToolOutcome {
        return mcp::LongWork{.run = [questions](mcp::CallContext& context) -> mcp::ToolOutcome {
            if (!context.answers.empty())
                return said("done with " + std::to_string(context.answers.size()) + " answers");
            return mcp::NeedsInput{.questions = questions, .state = {}, .when_nobody_can_ask = {}};
        }};
    };
}

mcp::ToolOutcome ask_then_work(const json::object&, mcp::CallContext& context) {
    if (context.answers.empty())
        return mcp::NeedsInput{.questions = {form("user_name", "What is your name?", {{"name", text}})},
                               .state = {},
                               .when_nobody_can_ask = {}};
    return mcp::LongWork{
        .run = [name = answered(context, "user_name", "name")](mcp::CallContext& later) -> mcp::ToolOutcome {
            pass_time(milliseconds(100), later.stop);
            return said("Hello, " + name + "!");
        }};
}

}  // namespace

void add_task_tools(mcp::Catalog& catalog) {
    const json::object flag{{"type", "boolean"}};
    add_tool(catalog, "greet", "Greets at once.", {{"name", text}}, [](const auto& arguments, auto&) {
        return said("Hello, " + string_or(arguments, "name") + "!");
    });
    add_tool(catalog, "slow_compute", "Takes some seconds.",
             {{"seconds", json::object{{"type", "integer"}}}, {"label", text}}, compute);
    add_tool(catalog, "failing_job", "Fails after a second, and only as a task.", {}, fail_later);
    add_tool(catalog, "protocol_error_job", "Ends in an error of the protocol.", {}, break_later);
    add_tool(catalog, "confirm_delete", "Asks before it would delete; deletes nothing.", {{"filename", text}},
             asking_later({form("confirmation", "Really?", {{"confirm", flag}})}));
    add_tool(catalog, "multi_input", "Asks two things at once.", {},
             asking_later({form("first", "The first?", {{"name", text}}),
                           form("second", "The second?", {{"confirm", flag}})}));
    add_tool(catalog, "test_tool_with_task", "Asks first, then goes on as a task.", {}, ask_then_work);
}

}  // namespace casefile::conformance
