// Cases that grow are news, to those who may see them and not too often.

#include "tools/resources/case_news.h"

#include <condition_variable>

#include "tests/support/tool_bench.h"
#include "tools/mysql/tools.h"
#include "tools/resources/case_resources.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

/// A bench, what it hears of growing cases, and another process on its home.
struct TwoProcesses {
    TwoProcesses() {
        bench.cases().on_growth([this](const cases::Growth& growth) { heard.push_back(growth); });
    }

    // Before the bench, which tells of it until the bench ends.
    std::vector<cases::Growth> heard;
    ToolBench bench;
    std::unique_ptr<evidence::Store> store =
        evidence::Store::open(bench.cases().store().home(), bench.clock).value();
    cases::Casebook others{*store};
    std::unique_ptr<const mcp::Resources> resources = resources::case_resources(bench.work());
};

}  // namespace

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
    const auto third = heard_of(3);
    CHECK(third.list_changed);
    CHECK(third.drafts == std::set<std::string>{"leader"});
    REQUIRE(
        bench.cases().attach(bench.case_id, {"", "a.csv", {}}, evidence::bytes_from("a\n"), bench.principal));
    const auto fourth = heard_of(4);
    CHECK(fourth.list_changed);
    CHECK(fourth.drafts.empty());
}

TEST_CASE("what is watched is told, and nothing else can be watched") {
    ToolBench bench;
    const auto resources = resources::case_resources(bench.work());
    const auto root = "casefile://cases/" + bench.case_id;
    const auto watched = [&](const std::string& uri, const std::string& principal) {
        const auto done = resources->watch({.principal = principal, .stop = {}}, uri);
        return done ? "told" : name_of(done.error().kind);
    };
    for (const std::string& uri : {root, root + "/log", root + "/timeline", root + "/drafts/teammate",
                                   root + "/drafts/not-yet-filed"}) {
        INFO(uri);
        CHECK_THAT(watched(uri, bench.principal), Catch::Equals("told"));
        CHECK_THAT(watched(uri, "https://issuer#somebody"), Catch::Equals("not_found"));
    }
    for (const std::string& uri :
         {root + "/attachments/a.csv", root + "/runs/20261122_140203_1a2b3c4d/manifest",
          std::string("casefile://patterns"), std::string("casefile://runbooks")}) {
        INFO(uri);
        CHECK_THAT(watched(uri, bench.principal), Catch::Equals("invalid_argument"));
    }
    for (const auto* uri :
         {"", "nonsense", "casefile://cases/INC-2026-01-01-999/log", "casefile://cases/../log"})
        CHECK_THAT(watched(uri, bench.principal), Catch::Equals("not_found"));
}

TEST_CASE("what another process adds is told by the next look, once, and what this one adds by no look") {
    TwoProcesses both;
    auto& [heard, bench, store, others, resources] = both;
    const auto log = "casefile://cases/" + bench.case_id + "/log";
    REQUIRE(resources->watch({.principal = bench.principal, .stop = {}}, log));

    REQUIRE(others.file_draft(bench.case_id, "leader", "x", bench.principal));
    CHECK(heard.empty());
    resources->look({log}, false);
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].case_id == bench.case_id);
    CHECK(heard[0].principals.contains(bench.principal));
    CHECK(heard[0].drafts == std::set<std::string>{"leader"});
    CHECK(heard[0].list_changed);
    resources->look({log}, false);
    CHECK(heard.size() == 1);

    cases::Entry entry;
    entry.kind = "note";
    entry.text = "theirs";
    REQUIRE(others.write(bench.case_id, entry, bench.principal));
    resources->look({log}, false);
    REQUIRE(heard.size() == 2);
    CHECK(heard[1].drafts.empty());
    CHECK_FALSE(heard[1].list_changed);

    REQUIRE(bench.cases().write(bench.case_id, entry, bench.principal));
    CHECK(heard.size() == 3);
    resources->look({log}, false);
    CHECK(heard.size() == 3);
}

TEST_CASE("a look at the list tells of cases and documents that other processes added to it") {
    TwoProcesses both;
    auto& [heard, bench, store, others, resources] = both;
    resources->look({}, true);
    CHECK(heard.empty());

    cases::CaseFields fields;
    fields.topic = "theirs";
    const auto theirs = others.open(fields, "https://issuer#somebody");
    REQUIRE(theirs);
    resources->look({}, true);
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].case_id == theirs->id);
    CHECK(heard[0].list_changed);
    CHECK_FALSE(heard[0].principals.contains(bench.principal));

    REQUIRE(
        others.attach(theirs->id, {"", "a.csv", {}}, evidence::bytes_from("a\n"), "https://issuer#somebody"));
    resources->look({}, true);
    REQUIRE(heard.size() == 2);
    CHECK(heard[1].list_changed);
    const auto ours = bench.cases().open(fields, bench.principal);
    REQUIRE(ours);
    CHECK(heard.size() == 3);
    resources->look({}, true);
    CHECK(heard.size() == 3);
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
    REQUIRE(heard_in_time(4));
    for (int i = 0; i < 50; ++i) news.note({.case_id = id, .principals = {"local:1"}, .drafts = {"leader"}});
    REQUIRE(heard_in_time(8));

    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(500));
    const std::lock_guard lock(mutex);
    REQUIRE(heard.size() == 8);
    CHECK(heard[0].uri == "casefile://cases/" + id);
    CHECK(heard[1].uri == "casefile://cases/" + id + "/log");
    CHECK(heard[2].uri == "casefile://cases/" + id + "/timeline");
    CHECK(heard[3].of == mcp::Change::Of::resources);
    CHECK(heard[4].uri == "casefile://cases/" + id);
    CHECK(heard[7].uri == "casefile://cases/" + id + "/drafts/leader");
    for (const auto& change : heard) CHECK(change.principal == "local:1");
}
