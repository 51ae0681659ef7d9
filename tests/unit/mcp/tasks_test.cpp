#include "mcp/task_store.h"
#include "tests/unit/mcp/task_tools.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

TEST_CASE("a client that knows tasks is answered at once, and fetches the outcome later") {
    Gate gate;
    Conversation with(task_tools(gate));
    const auto begun = with.ask(begin(1, "slow"));
    CHECK(text_at(begun, "result/resultType") == "task");
    CHECK(text_at(begun, "result/status") == "working");
    const auto task = text_at(begun, "result/taskId");
    const auto working = with.ask(of_task(2, "tasks/get", task));
    CHECK(text_at(working, "result/status") == "working");
    CHECK(text_at(working, "result/resultType") == "complete");

    gate.open();
    CHECK(text_at(wait_for(with, task, "completed"), "result/result/content/0/text") == "done");
}

TEST_CASE("every other client waits for the same work, and is refused what is only done as a task") {
    Gate gate;
    gate.open();
    Conversation with(task_tools(gate));
    CHECK(text_of(with.ask(modern_call(1, "slow"))) == "done");
    const auto refused = with.ask(modern_call(2, "breaks"));
    CHECK(code_of(refused) == -32021);
    CHECK(at(refused, "error/data/requiredCapabilities/extensions").is_object());
}

TEST_CASE("a task asks by its status, and goes on when everything is answered") {
    Gate gate;
    Conversation with(task_tools(gate));
    const auto task = text_at(with.ask(begin(1, "asks")), "result/taskId");
    const auto asking = wait_for(with, task, "input_required");
    CHECK(at(asking, "result/inputRequests").as_object().size() == 2);
    // As another process of the home would tell it.
    const TaskStore store(with.folder.path() / "tasks");
    const auto kept = store.load(task);
    REQUIRE(kept);
    CHECK(at(*kept, "inputRequests") == at(asking, "result/inputRequests"));
    CHECK(at(*kept, "lastUpdatedAt") == at(asking, "result/lastUpdatedAt"));

    const json::object yes{{"action", "accept"}, {"content", json::object()}};
    auto ack = with.ask(of_task(2, "tasks/update", task,
                                {{"inputResponses", json::object{{"first", yes}, {"nobody asked", yes}}}}));
    CHECK(text_at(ack, "result/resultType") == "complete");
    CHECK(at(wait_for(with, task, "input_required"), "result/inputRequests").as_object().size() == 1);
    CHECK(at(store.load(task).value(), "inputRequests").as_object().size() == 1);
    with.ask(of_task(3, "tasks/update", task, {{"inputResponses", json::object{{"second", yes}}}}));
    const auto completed = wait_for(with, task, "completed");
    CHECK(text_at(completed, "result/result/content/0/text") == "first=accept {} second=accept {} {}");
    CHECK(text_at(completed, "result/result/resultType") == "complete");
}

TEST_CASE("a cancelled task stops and stays cancelled") {
    Gate gate;
    Conversation with(task_tools(gate));
    for (const auto* tool : {"slow", "asks"}) {
        const auto task = text_at(with.ask(begin(1, tool)), "result/taskId");
        if (std::string_view(tool) == "asks") wait_for(with, task, "input_required");
        CHECK(text_at(with.ask(of_task(2, "tasks/cancel", task)), "result/resultType") == "complete");
        wait_for(with, task, "cancelled");
        with.ask(of_task(3, "tasks/cancel", task));
        wait_for(with, task, "cancelled");
    }
}

TEST_CASE("a fault inside a task is its failure, and tells nothing of the cause") {
    Gate gate;
    Conversation with(task_tools(gate));
    const auto task = text_at(with.ask(begin(1, "breaks")), "result/taskId");
    const auto failed = wait_for(with, task, "failed");
    CHECK(at(failed, "result/error/code") == -32603);
    CHECK(at(failed, "result/statusMessage") == at(failed, "result/error/message"));
    CHECK(at(failed, "result/result").is_null());
    CHECK(json::serialize(failed).find("hunter2") == std::string::npos);
}

TEST_CASE("a task is told to its owner alone, and only to a client that knows tasks") {
    Gate gate;
    Conversation with(task_tools(gate));
    const auto task = text_at(with.ask(begin(1, "slow")), "result/taskId");
    const auto stranger = std::make_shared<Client>("local:1001", with.heard);
    for (const auto* method : {"tasks/get", "tasks/cancel"}) {
        with.server->handle(stranger, parse_message(json::serialize(of_task(2, method, task))), with.heard);
        CHECK(code_of(with.hear()) == -32602);
    }
    CHECK(code_of(with.ask(of_task(3, "tasks/get", std::string(32, '0')))) == -32602);
    CHECK(code_of(with.ask(of_task(3, "tasks/get", "../key.pem"))) == -32602);
    CHECK(code_of(with.ask(modern(4, "tasks/get", {{"taskId", task}}))) == -32021);
}

TEST_CASE("a client that listens hears each change of its task as tasks/get would tell it") {
    Gate gate;
    Conversation with(task_tools(gate));
    const auto task = text_at(with.ask(begin(1, "slow")), "result/taskId");
    json::object listen{{"notifications", json::object{{"taskIds", json::array{task, "unknown"}}}},
                        {"_meta", with_tasks()}};
    const auto ack = with.ask(modern(2, "subscriptions/listen", listen));
    CHECK(json::serialize(at(ack, "params/notifications/taskIds")) == "[\"" + task + "\"]");
    gate.open();
    const auto told = with.hear();
    CHECK(string_or(told, "method") == "notifications/tasks");
    CHECK(text_at(told, "params/status") == "completed");
    CHECK(text_at(told, "params/result/content/0/text") == "done");

    listen["_meta"] = modern_meta();
    CHECK(code_of(with.ask(modern(3, "subscriptions/listen", listen))) == -32021);
}

TEST_CASE("a client that begins to listen hears of each task that asks or is over already, and of no other") {
    Gate gate;
    Conversation with(task_tools(gate));
    const auto over = text_at(with.ask(begin(1, "breaks")), "result/taskId");
    wait_for(with, over, "failed");
    const auto asks = text_at(with.ask(begin(2, "asks")), "result/taskId");
    wait_for(with, asks, "input_required");
    const auto works = text_at(with.ask(begin(3, "slow")), "result/taskId");

    with.say(modern("l", "subscriptions/listen",
                    {{"notifications", json::object{{"taskIds", json::array{works, asks, over}}}},
                     {"_meta", with_tasks()}}));
    CHECK(string_or(with.hear(), "method") == "notifications/subscriptions/acknowledged");
    // In the order of their ids, which nobody knows.
    const auto first = with.hear();
    const bool is_over = text_at(first, "params/taskId") == over;
    const auto second = is_over ? hear_of(with, asks, "input_required") : hear_of(with, over, "failed");
    const auto &failed = is_over ? first : second, &asking = is_over ? second : first;
    CHECK(at(failed, "params/error/code") == -32603);
    CHECK(at(failed, "params/_meta/io.modelcontextprotocol~1subscriptionId") == "l");
    CHECK(text_at(asking, "params/taskId") == asks);
    CHECK(at(asking, "params/inputRequests").as_object().size() == 2);
    gate.open();
    hear_of(with, works, "completed");
}

TEST_CASE("an outcome survives the server, and a task whose server died says that it failed") {
    Gate gate;
    gate.open();
    Conversation with(task_tools(gate));
    const auto task = text_at(with.ask(begin(1, "slow")), "result/taskId");
    wait_for(with, task, "completed");
    const TaskStore store(with.folder.path() / "tasks");
    auto kept = store.load(task);
    REQUIRE(kept);
    CHECK(string_or(*kept, "status") == "completed");

    // As a process that was killed leaves it.
    (*kept)["status"] = "working";
    (*kept)["process"] = "1:0";
    kept->erase("result");
    (*kept)["inputRequests"] = json::object{{"first", 1}};
    REQUIRE(store.save(std::string(32, 'a'), *kept));
    const auto told = with.ask(of_task(2, "tasks/get", std::string(32, 'a')));
    CHECK(text_at(told, "result/status") == "failed");
    CHECK(at(told, "result/statusMessage") == at(told, "result/error/message"));
    CHECK(at(told, "result/inputRequests").is_null());
    CHECK(at(told, "result/process").is_null());
    CHECK(at(told, "result/principal").is_null());
}

TEST_CASE("no more tasks run than leave workers for short calls") {
    Gate gate;
    Conversation with(task_tools(gate), 64, 10);
    for (int i = 0; i < 8; ++i) CHECK(text_at(with.ask(begin(i, "slow")), "result/resultType") == "task");
    const auto refused = with.ask(begin(9, "slow"));
    CHECK(at(refused, "result/isError").as_bool());
    CHECK(text_of(refused).find("too many tasks: expected at most 8") == 0);
    gate.open();
}

TEST_CASE("a server ends though tasks hold every worker and a call waits for one") {
    Gate gate;
    Conversation with(task_tools(gate), 64, 2);
    with.ask(begin(1, "slow"));
    with.ask(begin(2, "slow"));
    with.say(modern_call(3, "breaks"));
    with.server.reset();
    CHECK(with.unheard() <= 1);
}
