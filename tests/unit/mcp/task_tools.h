#pragma once
// Tools that go on as tasks, and what a client that knows tasks says of them.

#include "tests/unit/mcp/fakes.h"

namespace casefile::mcp::test {

inline json::object with_tasks() {
    return modern_meta({{"elicitation", json::object()},
                        {"extensions", json::object{{"io.modelcontextprotocol/tasks", json::object()}}}});
}

inline json::object begin(json::value id, std::string_view tool) {
    return modern_call(std::move(id), tool, {{"_meta", with_tasks()}});
}

inline json::object of_task(json::value id, std::string_view method, const std::string& task,
                            json::object more = {}) {
    more["taskId"] = task;
    more["_meta"] = with_tasks();
    return modern(std::move(id), method, std::move(more));
}

/// Tools that go on as tasks: one that waits for the gate, one that asks.
inline std::function<void(Catalog&)> task_tools(Gate& gate) {
    return [&gate](Catalog& catalog) {
        catalog.add(
            std::make_unique<FakeTool>("slow", [&gate](const json::object&, CallContext&) -> ToolOutcome {
                return LongWork{.run = [&gate](CallContext& context) -> ToolOutcome {
                    gate.wait(context.stop);
                    return said("done");
                }};
            }));
        catalog.add(std::make_unique<FakeTool>("asks", [](const json::object&, CallContext&) -> ToolOutcome {
            return LongWork{.run = [](CallContext& context) -> ToolOutcome {
                if (!context.answers.empty()) return said(told(context));
                return NeedsInput{.questions = {question("first"), question("second")},
                                  .state = {},
                                  .when_nobody_can_ask = {}};
            }};
        }));
        catalog.add(
            std::make_unique<FakeTool>("breaks", [](const json::object&, CallContext&) -> ToolOutcome {
                return LongWork{
                    .run = [](CallContext&) -> ToolOutcome { return internal("the password is hunter2"); },
                    .only_as_task = true};
            }));
    };
}

/// Polls as a client would, until the task has this status; each poll is a message, so nothing sleeps.
inline json::object wait_for(Conversation& with, const std::string& task, std::string_view status) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    json::object got;
    do {
        got = with.ask(of_task("poll", "tasks/get", task));
    } while (text_at(got, "result/status") != status && std::chrono::steady_clock::now() < until);
    REQUIRE(text_at(got, "result/status") == status);
    return got;
}

/// The next message, which has to tell of this task that it has this status.
inline json::object hear_of(Conversation& with, const std::string& task, std::string_view status) {
    auto heard = with.hear();
    CHECK(string_or(heard, "method") == "notifications/tasks");
    CHECK(text_at(heard, "params/taskId") == task);
    CHECK(text_at(heard, "params/status") == status);
    return heard;
}

}  // namespace casefile::mcp::test
