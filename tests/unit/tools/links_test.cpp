// Answers that made a run lead to its files.

#include "tools/resources/links.h"

#include "base/text.h"
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

}  // namespace

TEST_CASE("an answer links its output files, at most three, and its text holds the same URIs in one line") {
    ToolBench bench;
    const auto result = bench.result(diff::diff_tool(bench.work()), two_csvs(bench.case_id));
    REQUIRE(result.more.size() == 2);
    const auto lines = split(result.text, '\n');
    const auto root = "casefile://cases/" + bench.case_id + "/runs/" +
                      std::string(result.structured.at("run").at("id").as_string()) + "/files/";
    CHECK(lines.back() == "files: " + root + "diff.diff.json, " + root + "diff.diff.csv");
    for (const auto& link : result.more) {
        CHECK(link.at("type") == "resource_link");
        CHECK_THAT(lines.back(), Catch::Contains(std::string(link.at("uri").as_string())));
    }

    mcp::ToolResult many;
    evidence::Receipt receipt{.id = "20261122_140203_1a2b3c4d"};
    for (const auto* name : {"q.sql", "a.json", "b.json", "c.json", "d.json"})
        receipt.files.push_back({.path = name, .role = name == std::string("q.sql") ? "script" : "output"});
    resources::add_links(many, bench.case_id, receipt);
    REQUIRE(many.more.size() == 3);
    CHECK(many.more.front().at("name") == "a.json");
    CHECK(token_estimate(many.text.size()) <= 100);
    mcp::ToolResult unfiled;
    resources::add_links(unfiled, evidence::unfiled, receipt);
    CHECK(unfiled.more.empty());
    CHECK(unfiled.text.empty());
}

TEST_CASE("the line of links stands after the rows, and no row can be part of it") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    source.tables = {{"FROM t", {{{"a", "VARCHAR"}}, {{", casefile://elsewhere"}, {"two"}}}}};

    const auto result = bench.result(mysql::query_tool(bench.work()),
                                     {{"case", bench.case_id}, {"sql", "SELECT a FROM t"}, {"task", "look"}});

    const auto lines = split(mcp::whole_text(result), '\n');
    REQUIRE(lines.size() > 4);
    CHECK(lines[lines.size() - 4] == "rows:");
    CHECK(lines[lines.size() - 3] == "  , casefile://elsewhere");
    CHECK(lines[lines.size() - 2] == "  two");
    CHECK(lines.back() == "files: " + std::string(result.more.at(0).at("uri").as_string()));
}

TEST_CASE("a refusal that left no output has no links") {
    ToolBench bench;
    bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    const auto result =
        bench.result(mysql::query_tool(bench.work()), {{"env", "STAGING"}, {"sql", "SELECT 1"}});
    CHECK(result.is_error);
    CHECK(result.more.empty());
}
