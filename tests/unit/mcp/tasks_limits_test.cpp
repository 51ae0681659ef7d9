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
    REQUIRE(store.save(elsewhere, *kept));

    CHECK(text_at(with.ask(of_task(2, "tasks/get", elsewhere)), "result/status") == "working");
    for (const auto* method : {"tasks/update", "tasks/cancel"}) {
        const auto refused = with.ask(of_task(3, method, elsewhere, {{"inputResponses", json::object()}}));
        CHECK(text_at(refused, "error/message").find("another process of casefile") != std::string::npos);
    }
    // What has ended is as it is, wherever it ran.
    (*kept)["status"] = "completed";
    REQUIRE(store.save(elsewhere, *kept));
    CHECK(at(with.ask(of_task(4, "tasks/cancel", elsewhere)), "result").is_object());
}
