// What may take minutes is checked at once and done later.

#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/diff/tools.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;
using sources::mysql::FakeMysqlSource;

namespace {

json::object two_csvs(const std::string& case_id) {
    return {{"case", case_id},
            {"left", {{"csv", {{"text", "id,v\n1,a\n"}}}}},
            {"right", {{"csv", {{"text", "id,v\n1,b\n"}}}}},
            {"key", {"id"}}};
}

std::uint64_t records_of(ToolBench& bench) {
    auto state = bench.cases().find(bench.case_id, bench.principal);
    REQUIRE(state);
    return state->count;
}

}  // namespace

TEST_CASE("what may take minutes comes as long work, which opens its run only when it begins") {
    ToolBench bench;
    const auto tool = guard(diff::diff_tool(bench.work()), bench.work());
    const auto before = records_of(bench);
    auto first = std::make_unique<mcp::CallContext>();
    first->principal = bench.principal;
    auto outcome = tool->call(two_csvs(bench.case_id), *first);
    first.reset();
    auto* work = std::get_if<mcp::LongWork>(&outcome);
    REQUIRE(work != nullptr);
    CHECK_FALSE(work->only_as_task);
    CHECK(records_of(bench) == before);

    mcp::CallContext later;
    later.principal = bench.principal;
    const auto done = work->run(later);
    const auto* result = std::get_if<mcp::ToolResult>(&done);
    REQUIRE(result != nullptr);
    CHECK_FALSE(result->is_error);
    CHECK(records_of(bench) == before + 2);
}

TEST_CASE("what is refused is refused at once, also by a tool whose work is long") {
    ToolBench bench;
    bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    const auto tool = guard(diff::diff_tool(bench.work()), bench.work());
    mcp::CallContext context;
    context.principal = bench.principal;
    auto wrong = two_csvs(bench.case_id);
    wrong["fields"] = 7;
    auto not_granted = two_csvs(bench.case_id);
    not_granted["left"] = {{"env", "STAGING"}, {"mysql", {{"sql", "SELECT id, v FROM t"}}}};
    auto against_policy = not_granted;
    against_policy["left"] = {{"env", "STAGING"}, {"mysql", {{"sql", "DELETE FROM t"}}}};
    for (const auto& arguments : {wrong, not_granted, against_policy}) {
        const auto outcome = tool->call(arguments, context);
        const auto* result = std::get_if<mcp::ToolResult>(&outcome);
        REQUIRE(result != nullptr);
        CHECK(result->is_error);
        CHECK(result->structured.contains("run"));
    }
}

TEST_CASE("a grant that ends before long work begins stops it") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    const auto tool = guard(diff::diff_tool(bench.work()), bench.work());
    auto arguments = two_csvs(bench.case_id);
    arguments["left"] = {{"env", "STAGING"}, {"mysql", {{"sql", "SELECT id, v FROM t"}}}};
    mcp::CallContext context;
    context.principal = bench.principal;
    auto outcome = tool->call(arguments, context);
    auto* work = std::get_if<mcp::LongWork>(&outcome);
    REQUIRE(work != nullptr);

    bench.clock.advance(std::chrono::hours(9));
    const auto done = work->run(context);

    REQUIRE(std::get_if<mcp::ToolResult>(&done) != nullptr);
    CHECK(std::get<mcp::ToolResult>(done).is_error);
    CHECK(source.asked.empty());
}
