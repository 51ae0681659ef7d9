#pragma once
// A client in the test's own hand, and tools that do one thing each.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "mcp/server.h"
#include "tests/fakes/manual_clock.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace casefile::mcp::test {

/// Holds a tool until the test opens it. A tool that is told to stop goes on too, so that a failed test ends.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    void wait(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, stop, [this] { return open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any opened_;
    bool open_ = false;
};

/// A tool made of a function.
class FakeTool : public Tool {
  public:
    using Function = std::function<ToolOutcome(const json::object&, CallContext&)>;

    FakeTool(std::string name, Function function, bool read_only = true) : function_(std::move(function)) {
        info_ = {.name = name,
                 .title = "Title of " + name,
                 .description = "What " + name + " does.",
                 .input_schema = {{"type", "object"}},
                 .output_schema = {{"type", "object"}},
                 .read_only = read_only};
    }
    const ToolInfo& info() const override { return info_; }
    ToolOutcome call(const json::object& arguments, CallContext& context) const override {
        return function_(arguments, context);
    }

  private:
    ToolInfo info_;
    Function function_;
};

inline json::object parse(std::string_view text) {
    const auto value = parse_json(text, 100);
    INFO(text);
    REQUIRE(value);
    REQUIRE(value->is_object());
    return value->get_object();
}

inline ToolResult said(std::string text) {
    return {.structured = {{"said", text}}, .text = text, .is_error = false};
}

inline Question question(std::string key) {
    json::object form{{"type", "object"},
                      {"properties", json::object{{key, json::object{{"type", "boolean"}}}}}};
    return {.key = key, .message = "Please " + key + ".", .form = std::move(form)};
}

/// Every answer as "key=action content", in the order of the keys.
inline std::string told(const CallContext& context) {
    std::string out;
    for (const auto& [key, answer] : context.answers) {
        constexpr const char* names[] = {"accept", "decline", "cancel"};
        out +=
            key + "=" + names[static_cast<int>(answer.action)] + " " + json::serialize(answer.content) + " ";
    }
    return out + json::serialize(context.state);
}

/// The tools that the transcripts and most tests use.
inline void add_fixtures(Catalog& catalog) {
    const auto add = [&](std::string name, FakeTool::Function function, bool read_only = true) {
        catalog.add(std::make_unique<FakeTool>(std::move(name), std::move(function), read_only));
    };
    add("echo", [](const json::object& arguments, CallContext&) {
        return said(string_or(arguments, "text", "nothing"));
    });
    add("refuse", [](const json::object&, CallContext&) {
        return ToolResult{
            .structured = {{"refused", true}}, .text = "denied; ask for less", .is_error = true};
    });
    add(
        "confirm",
        [](const json::object&, CallContext& context) -> ToolOutcome {
            if (!context.answers.empty()) return said(told(context));
            return NeedsInput{.questions = {question("confirm")},
                              .state = {{"step", 1}},
                              .when_nobody_can_ask = said("nobody can be asked")};
        },
        false);
    add("confirm_both", [](const json::object&, CallContext& context) -> ToolOutcome {
        if (!context.answers.empty()) return said(told(context));
        return NeedsInput{.questions = {question("first"), question("second")},
                          .state = {{"step", 1}},
                          .when_nobody_can_ask = said("nobody can be asked")};
    });
    add("wait", [](const json::object&, CallContext& context) -> ToolOutcome {
        Gate().wait(context.stop);
        return said("stopped");
    });
    add("progress", [](const json::object&, CallContext& context) -> ToolOutcome {
        context.progress(1, 2, "half");
        return said("done");
    });
    add("fail",
        [](const json::object&, CallContext&) -> ToolOutcome { return internal("the password is hunter2"); });
    catalog.add(Prompt{.name = "look",
                       .title = "Look into it",
                       .description = "How to look.",
                       .arguments = {{.name = "what", .description = "What to look at.", .required = true}},
                       .text = "Look at {{what}}."});
}

/// Keeps what leaves through it, in order.
class Heard : public Outbox {
  public:
    void send(std::string_view message) override { keep(message); }
    void finish(std::string message, int) override { keep(message); }

    /// The next message as text; fails the test when none comes.
    std::string next() {
        std::unique_lock lock(mutex_);
        const bool came =
            arrived_.wait_for(lock, std::chrono::seconds(20), [this] { return !messages_.empty(); });
        REQUIRE(came);
        auto text = std::move(messages_.front());
        messages_.pop_front();
        return text;
    }
    std::size_t unheard() const {
        const std::lock_guard lock(mutex_);
        return messages_.size();
    }

  private:
    void keep(std::string_view message) {
        const std::lock_guard lock(mutex_);
        messages_.emplace_back(message);
        arrived_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::string> messages_;
};

/// A server with one client on it. What the server sends is heard in order.
class Conversation {
  public:
    explicit Conversation(std::function<void(Catalog&)> fill = add_fixtures, std::size_t calls_max = 64,
                          std::size_t threads = 2, const ServerInfo& info = fixture_info())
        : clock(std::make_shared<ManualClock>()),
          heard(std::make_shared<Heard>()),
          client(std::make_shared<Client>("local:1000", heard)),
          pool_(threads, 64) {
        fill(catalog_);
        server = std::make_unique<Server>(info,
                                          ServerOptions{.state_key = "key of this installation",
                                                        .message_bytes_max = 100'000,
                                                        .calls_max = calls_max,
                                                        .tasks_folder = folder.path() / "tasks",
                                                        .clock = clock,
                                                        .look_pause = std::chrono::milliseconds(1)},
                                          catalog_, pool_, changes);
    }
    ~Conversation() { server.reset(); }

    static ServerInfo fixture_info() {
        return {.name = "casefile",
                .title = "casefile",
                .version = "0.1.0",
                .instructions = "Open a case first."};
    }

    /// As a transport does it.
    void say(std::string_view text) {
        if (text.size() > server->options().message_bytes_max)
            server->refuse_oversized(*heard);
        else
            server->handle(client, parse_message(text), heard);
    }
    void say(const json::object& message) { say(json::serialize(message)); }

    /// The next message of the server as text; fails the test when none comes.
    std::string hear_text() { return heard->next(); }
    json::object hear() { return parse(hear_text()); }
    json::object ask(const json::object& message) {
        say(message);
        return hear();
    }
    /// Everything that is there already.
    std::size_t unheard() const { return heard->unheard(); }

    std::shared_ptr<ManualClock> clock;
    std::shared_ptr<Heard> heard;
    std::shared_ptr<Client> client;
    Changes changes;
    TemporaryFolder folder;
    std::unique_ptr<Server> server;

  private:
    Catalog catalog_;
    WorkerPool pool_;
};

inline json::object modern_meta(json::object capabilities = {
                                    {"elicitation", json::object{{"form", json::object()}}}}) {
    return {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
            {"io.modelcontextprotocol/clientCapabilities", std::move(capabilities)},
            {"io.modelcontextprotocol/clientInfo", json::object{{"name", "tester"}, {"version", "3"}}}};
}

inline json::object request(json::value id, std::string_view method, json::object params = {}) {
    return {{"jsonrpc", "2.0"}, {"id", std::move(id)}, {"method", method}, {"params", std::move(params)}};
}

inline json::object modern(json::value id, std::string_view method, json::object params = {}) {
    if (!params.contains("_meta")) params["_meta"] = modern_meta();
    return request(std::move(id), method, std::move(params));
}

inline json::object modern_call(json::value id, std::string_view tool, json::object more = {}) {
    more["name"] = tool;
    return modern(std::move(id), "tools/call", std::move(more));
}

inline json::object call(json::value id, std::string_view tool, json::object arguments = {}) {
    return request(std::move(id), "tools/call", {{"name", tool}, {"arguments", std::move(arguments)}});
}

inline json::object cancelled(json::value id) {
    return {{"jsonrpc", "2.0"},
            {"method", "notifications/cancelled"},
            {"params", json::object{{"requestId", std::move(id)}}}};
}

inline json::object initialize(std::string_view version,
                               json::object capabilities = {{"elicitation", json::object()}}) {
    return request("init", "initialize",
                   {{"protocolVersion", version},
                    {"capabilities", std::move(capabilities)},
                    {"clientInfo", json::object{{"name", "old"}, {"version", "1"}}}});
}

/// The member at a path such as "result/content/0/text"; null when there is none.
inline json::value at(const json::object& object, std::string_view path) {
    const json::value whole(object);
    boost::system::error_code missing;
    const auto* found = whole.find_pointer("/" + std::string(path), missing);
    return found == nullptr ? json::value() : *found;
}
inline std::string text_at(const json::object& object, std::string_view path) {
    const auto value = at(object, path);
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}
inline std::string text_of(const json::object& answer) { return text_at(answer, "result/content/0/text"); }
inline json::value code_of(const json::object& answer) { return at(answer, "error/code"); }

}  // namespace casefile::mcp::test
