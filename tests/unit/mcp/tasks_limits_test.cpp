// How many tasks there may be, how long, and whose they are when several processes share a home.

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/text.h"
#include "mcp/task_store.h"
#include "tests/unit/mcp/task_tools.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

std::string begin_asking(Conversation& with) {
    auto task = text_at(with.ask(begin("begin", "asks")), "result/taskId");
    wait_for(with, task, "input_required");
    return task;
}

/// A file that is being written has another name until it is whole.
std::ptrdiff_t files_of(const Conversation& with) {
    const std::filesystem::directory_iterator files(with.folder.path() / "tasks");
    return std::count_if(begin(files), end(files),
                         [](const auto& file) { return file.path().extension() == ".json"; });
}

/// As a task names the process that it lives in: the one that runs this test.
std::string mark_of_another_process() {
    const auto parent = std::to_string(::getppid());
    std::ifstream in("/proc/" + parent + "/stat");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    return parent + ":" + split(std::string_view(text).substr(text.rfind(')') + 2), ' ').at(19);
}

}  // namespace

TEST_CASE("questions that nobody answers do not keep other tasks from beginning") {
    Gate gate;
    Conversation with(task_tools(gate), 64, 10);
    for (int i = 0; i < 8; ++i) begin_asking(with);
    for (int i = 0; i < 8; ++i) CHECK(text_at(with.ask(begin(i, "slow")), "result/resultType") == "task");
    CHECK(at(with.ask(begin(9, "slow")), "result/isError") == true);
    gate.open();
}

TEST_CASE("a task whose questions are answered waits for room among those that work") {
    Gate gate;
    Conversation with(task_tools(gate), 64, 10);
    const auto asking = begin_asking(with);
    std::string working;
    for (int i = 0; i < 8; ++i) working = text_at(with.ask(begin(i, "slow")), "result/taskId");
    const json::object yes{{"action", "accept"}, {"content", json::object()}};
    const auto answers = of_task(9, "tasks/update", asking,
                                 {{"inputResponses", json::object{{"first", yes}, {"second", yes}}}});
    const auto refused = with.ask(answers);
    CHECK(text_at(refused, "error/message").find("too many tasks: ") == 0);
    CHECK(at(wait_for(with, asking, "input_required"), "result/inputRequests").as_object().size() == 2);

    gate.open();
    wait_for(with, working, "completed");
    CHECK(at(with.ask(answers), "result").is_object());
    wait_for(with, asking, "completed");
}

TEST_CASE("one principal leaves so many tasks unanswered, and no other is held up by them") {
    Gate gate;
    Conversation with(task_tools(gate));
    std::string last;
    for (int i = 0; i < 16; ++i) last = begin_asking(with);
    const auto refused = with.ask(begin(1, "asks"));
    CHECK(at(refused, "result/isError") == true);
    CHECK(text_of(refused).find("too many tasks wait for an answer: expected fewer than 16") == 0);
    const auto other = std::make_shared<Client>("local:1001", with.heard);
    with.server->handle(other, parse_message(json::serialize(begin(2, "asks"))), with.heard);
    CHECK(text_at(with.hear(), "result/resultType") == "task");

    with.ask(of_task(3, "tasks/cancel", last));
    CHECK(text_at(with.ask(begin(4, "asks")), "result/resultType") == "task");
}

TEST_CASE("a task that is refused leaves nothing on the disk") {
    Gate gate;
    Conversation with(task_tools(gate), 64, 10);
    for (int i = 0; i < 8; ++i) with.ask(begin(i, "slow"));
    CHECK(files_of(with) == 8);
    with.ask(begin(9, "slow"));
    CHECK(files_of(with) == 8);
    gate.open();
}

TEST_CASE("a question that nobody answered in its task's lifetime is given up") {
    Gate gate;
    gate.open();
    Conversation with(task_tools(gate));
    const auto forgotten = begin_asking(with);
    const auto listening = with.ask(modern(
        "listen", "subscriptions/listen",
        {{"notifications", json::object{{"taskIds", json::array{forgotten}}}}, {"_meta", with_tasks()}}));
    REQUIRE(string_or(listening, "method") == "notifications/subscriptions/acknowledged");
    hear_of(with, forgotten, "input_required");
    with.clock->advance(std::chrono::hours(25));
    CHECK(code_of(with.ask(of_task(1, "tasks/get", forgotten))) == -32602);
    CHECK(code_of(with.ask(of_task(2, "tasks/update", forgotten, {{"inputResponses", json::object()}}))) ==
          -32602);

    with.say(begin(3, "asks"));
    hear_of(with, forgotten, "failed");
    CHECK(text_at(with.hear(), "result/resultType") == "task");
    CHECK(files_of(with) == 1);
}

TEST_CASE("a task of more than a day ago is unknown, and its file goes while the server lives on") {
    Gate gate;
    gate.open();
    Conversation with(task_tools(gate));
    const auto old = text_at(with.ask(begin(1, "slow")), "result/taskId");
    wait_for(with, old, "completed");
    with.clock->advance(std::chrono::hours(23));
    CHECK(text_at(with.ask(of_task(2, "tasks/get", old)), "result/status") == "completed");
    with.clock->advance(std::chrono::hours(2));
    CHECK(code_of(with.ask(of_task(3, "tasks/get", old))) == -32602);
    CHECK(code_of(with.ask(of_task(4, "tasks/cancel", old))) == -32602);
    with.ask(begin(5, "slow"));
    CHECK(files_of(with) == 1);
}

TEST_CASE("a task that lives in another process is told, but neither answered nor cancelled from here") {
    Gate gate;
    gate.open();
    Conversation with(task_tools(gate));
    const auto own = text_at(with.ask(begin(1, "slow")), "result/taskId");
    wait_for(with, own, "completed");
    const TaskStore store(with.folder.path() / "tasks");
    auto kept = store.load(own);
    REQUIRE(kept);
    (*kept)["status"] = "working";
    (*kept)["process"] = mark_of_another_process();
    kept->erase("result");
    const std::string elsewhere(32, 'a');
    (*kept)["taskId"] = elsewhere;
    REQUIRE(store.save(elsewhere, *kept));

    CHECK(text_at(with.ask(of_task(2, "tasks/get", elsewhere)), "result/status") == "working");
    for (const auto* method : {"tasks/update", "tasks/cancel"}) {
        const auto refused = with.ask(of_task(3, method, elsewhere, {{"inputResponses", json::object()}}));
        CHECK(text_at(refused, "error/message").find("another process of casefile") != std::string::npos);
    }
    with.ask(modern(
        "l", "subscriptions/listen",
        {{"notifications", json::object{{"taskIds", json::array{elsewhere}}}}, {"_meta", with_tasks()}}));
    CHECK(with.unheard() == 0);
    (*kept)["status"] = "input_required";
    REQUIRE(store.save(elsewhere, *kept));
    hear_of(with, elsewhere, "input_required");
    // What has ended is as it is, wherever it ran.
    (*kept)["status"] = "completed";
    REQUIRE(store.save(elsewhere, *kept));
    CHECK(at(hear_of(with, elsewhere, "completed"), "params/principal").is_null());
    CHECK(at(with.ask(of_task(4, "tasks/cancel", elsewhere)), "result").is_object());
}
