// Cases that grow are news, to those who may see them and not too often.

#include "tools/resources/case_news.h"

#include <condition_variable>

#include "tests/support/tool_bench.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;

TEST_CASE("each change of a case is told once, to those who may see it, and reading tells nothing") {
    // Before the bench, whose own thread tells of it until the bench ends.
    std::mutex mutex;
    std::condition_variable told;
    std::vector<cases::Growth> heard;
    ToolBench bench;
    bench.cases().on_growth([&](const cases::Growth& growth) {
        const std::lock_guard lock(mutex);
        heard.push_back(growth);
        told.notify_all();
    });
    const auto heard_of = [&](std::size_t count) {
        std::unique_lock lock(mutex);
        REQUIRE(told.wait_for(lock, std::chrono::seconds(20), [&] { return heard.size() >= count; }));
        REQUIRE(heard.size() == count);
        return heard.back();
    };
    const std::string somebody = "https://issuer#somebody";

    cases::CaseFields fields;
    fields.topic = "theirs";
    const auto theirs = bench.cases().open(fields, somebody);
    REQUIRE(theirs);
    const auto first = heard_of(1);
    CHECK(first.case_id == theirs->id);
    CHECK(first.principals.contains(somebody));
    CHECK_FALSE(first.principals.contains(bench.principal));
    CHECK(first.list_changed);

    bench.refusal(mysql::query_tool(bench.work()), {{"sql", "SELECT 1"}});
    const auto second = heard_of(2);
    CHECK(second.case_id == bench.case_id);
    CHECK_FALSE(second.list_changed);
    REQUIRE(bench.cases().find(bench.case_id, bench.principal));
    REQUIRE(bench.cases().find(bench.case_id, bench.principal));
    heard_of(2);
    REQUIRE(bench.cases().file_draft(bench.case_id, "leader", "x", bench.principal));
    CHECK(heard_of(3).list_changed);
}

TEST_CASE("a burst of changes is told at once and once more at its end, not for each of them") {
    mcp::Changes changes;
    std::mutex mutex;
    std::condition_variable told;
    std::vector<mcp::Change> heard;
    changes.listen([&](const mcp::Change& change) {
        const std::lock_guard lock(mutex);
        heard.push_back(change);
        told.notify_all();
    });
    const auto heard_in_time = [&](std::size_t count) {
        std::unique_lock lock(mutex);
        return told.wait_for(lock, std::chrono::seconds(20), [&] { return heard.size() >= count; });
    };
    const std::string id = "INC-2026-11-22-001";
    resources::CaseNews news(changes, std::chrono::milliseconds(500));
    const auto began = std::chrono::steady_clock::now();

    news.note({.case_id = id, .principals = {"local:1"}, .list_changed = true});
    REQUIRE(heard_in_time(3));
    for (int i = 0; i < 50; ++i) news.note({.case_id = id, .principals = {"local:1"}});
    REQUIRE(heard_in_time(5));

    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(500));
    const std::lock_guard lock(mutex);
    REQUIRE(heard.size() == 5);
    CHECK(heard[0].uri == "casefile://cases/" + id);
    CHECK(heard[1].uri == "casefile://cases/" + id + "/log");
    CHECK(heard[2].of == mcp::Change::Of::resources);
    CHECK(heard[3].uri == "casefile://cases/" + id);
    for (const auto& change : heard) CHECK(change.principal == "local:1");
}
