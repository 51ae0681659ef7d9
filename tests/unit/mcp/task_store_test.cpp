#include "mcp/task_store.h"

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace casefile;
using namespace casefile::mcp;

TEST_CASE("what stands in the folder of tasks and is none is passed over") {
    TemporaryFolder folder;
    const TaskStore store(folder.path() / "tasks");
    REQUIRE(store.save("0a", {{"createdAt", "today"}}));
    std::filesystem::create_directory(folder.path() / "tasks" / "0b.json");

    CHECK(store.load("0a").value().at("createdAt") == "today");
    CHECK_FALSE(store.load("0b"));
    CHECK_FALSE(store.load("0c"));
    int asked = 0;
    store.sweep([&](const json::object&) { return ++asked > 0; });

    CHECK(asked == 1);
    CHECK_FALSE(store.load("0a"));
    CHECK(std::filesystem::is_directory(folder.path() / "tasks" / "0b.json"));
}
