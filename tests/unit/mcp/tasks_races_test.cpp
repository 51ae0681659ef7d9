// Tasks whose client cancels, answers and leaves at the wrong moment.

#include <latch>
#include <thread>

#include "tests/unit/mcp/fakes.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

json::object about_tasks(json::value id, std::string_view method, json::object params) {
    params["_meta"] =
        modern_meta({{"elicitation", json::object{{"form", json::object()}}},
                     {"extensions", json::object{{"io.modelcontextprotocol/tasks", json::object()}}}});
    return request(std::move(id), method, std::move(params));
}

/// Long work that tells when it runs, waits for its gate, and then asks two questions.
struct Work {
    std::latch runs{1};
    Gate gate;
    std::atomic<int> times = 0;

    std::function<void(Catalog&)> offered() {
        return [this](Catalog& catalog) {
            catalog.add(
                std::make_unique<FakeTool>("work", [this](const json::object&, CallContext&) -> ToolOutcome {
                    return LongWork{.run = [this](CallContext& context) { return run(context); }};
                }));
            add_fixtures(catalog);
        };
    }

  private:
    ToolOutcome run(CallContext& context) {
        if (++times == 1) runs.count_down();
        gate.wait({});
        if (!context.answers.empty()) return said(told(context));
        return NeedsInput{
            .questions = {question("first"), question("second")}, .state = {}, .when_nobody_can_ask = {}};
    }
};

struct Tasked {
    explicit Tasked(Work& work, std::size_t threads = 2) : talk(work.offered(), 64, threads) {
        const auto begun = talk.ask(about_tasks("begin", "tools/call", {{"name", "work"}}));
        id = text_at(begun, "result/taskId");
    }
    json::object tell(std::string_view method, json::object more = {}) {
        more["taskId"] = id;
        return talk.ask(about_tasks("tell", method, std::move(more)));
    }
    std::string status() { return text_at(tell("tasks/get"), "result/status"); }
    void wait_for(std::string_view wanted) {
        while (status() != wanted) std::this_thread::yield();
    }

    Conversation talk;
    std::string id;
};

json::object yes(std::string_view key) {
    return {{"action", "accept"}, {"content", json::object{{key, true}}}};
}
json::object both_answers() {
    return {{"inputResponses", json::object{{"first", yes("first")}, {"second", yes("second")}}}};
}

}  // namespace

TEST_CASE("a task that is cancelled while a worker runs it ends as cancelled, although it then asks") {
    Work work;
    Tasked given(work);
    work.runs.wait();
    CHECK(at(given.tell("tasks/cancel"), "result").is_object());
    work.gate.open();
    given.wait_for("cancelled");
    CHECK(at(given.tell("tasks/update", both_answers()), "result").is_object());
    CHECK(given.status() == "cancelled");
    CHECK(work.times == 1);
}

TEST_CASE("a task that is cancelled while it asks ends at once") {
    Work work;
    work.gate.open();
    Tasked given(work);
    given.wait_for("input_required");
    given.tell("tasks/cancel");
    CHECK(given.status() == "cancelled");
    given.tell("tasks/update", both_answers());
    CHECK(given.status() == "cancelled");
    CHECK(work.times == 1);
}

TEST_CASE("a task that is cancelled before a worker had time for it never runs") {
    Work work;
    work.gate.open();
    Gate before, after;
    const auto hold = [](Gate& gate) {
        return [&gate](const json::object&, CallContext& context) {
            gate.wait(context.stop);
            return said("held");
        };
    };
    Conversation talk(
        [&](Catalog& catalog) {
            work.offered()(catalog);
            catalog.add(std::make_unique<FakeTool>("before", hold(before)));
            catalog.add(std::make_unique<FakeTool>("after", hold(after)));
        },
        64, 1);
    // One worker takes one after the other; the task comes last, because it begins when its call runs.
    talk.say(modern_call("before", "before"));
    talk.say(about_tasks("begin", "tools/call", {{"name", "work"}}));
    talk.say(modern_call("after", "after"));
    before.open();
    CHECK(at(talk.hear(), "id") == "before");
    const auto id = text_at(talk.hear(), "result/taskId");

    talk.ask(about_tasks("cancel", "tasks/cancel", {{"taskId", id}}));
    after.open();
    CHECK(at(talk.hear(), "id") == "after");
    const auto status = [&] {
        return text_at(talk.ask(about_tasks("get", "tasks/get", {{"taskId", id}})), "result/status");
    };
    while (status() != "cancelled") std::this_thread::yield();
    CHECK(work.times == 0);
}

TEST_CASE("a task goes on once, however often and from wherever all its answers come") {
    Work work;
    work.gate.open();
    Tasked given(work, 4);
    given.wait_for("input_required");
    {
        std::vector<std::jthread> clients;
        std::latch together(4);
        for (int i = 0; i < 4; ++i)
            clients.emplace_back([&] {
                auto params = both_answers();
                params["taskId"] = given.id;
                const auto update =
                    parse_message(json::serialize(about_tasks("tell", "tasks/update", std::move(params))));
                const auto client = std::make_shared<Client>("local:1000", nullptr, true);
                together.arrive_and_wait();
                given.talk.server->handle(client, update, given.talk.heard);
            });
    }
    for (int i = 0; i < 4; ++i) CHECK(at(given.talk.hear(), "result").is_object());
    given.wait_for("completed");
    CHECK(work.times == 2);
}

TEST_CASE("a server that ended does not go on with a task whose answers come too late") {
    Work work;
    work.gate.open();
    Tasked given(work);
    given.wait_for("input_required");
    given.talk.server->end(std::chrono::milliseconds(0));
    given.tell("tasks/update", both_answers());
    CHECK(given.status() == "failed");
    CHECK(work.times == 1);
}
