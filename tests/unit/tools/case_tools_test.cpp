// The tools of casefile's own record: what they keep, what they refuse, and how little they show.

#include <fstream>
#include <set>

#include "base/text.h"
#include "cases/inspect_log.h"
#include "cases/told.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/case/tools.h"
#include "tools/evidence/tools.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;
using sources::mysql::FakeMysqlSource;

namespace {

mcp::ToolResult ask(ToolBench& bench, std::unique_ptr<mcp::Tool> tool, json::object arguments) {
    bench.context.principal = bench.principal;
    auto outcome = tool->call(arguments, bench.context);
    auto* result = std::get_if<mcp::ToolResult>(&outcome);
    REQUIRE(result != nullptr);
    return std::move(*result);
}

}  // namespace

TEST_CASE("a case opened with a topic alone asks for what is missing") {
    ToolBench bench;
    const auto opened = ask(bench, case_record::open_case_tool(bench.work()), {{"topic", "old prices"}});
    REQUIRE_FALSE(opened.is_error);
    CHECK(opened.structured.at("questions").as_array().size() == 4);
    const auto id = opened.structured.at("case");

    const auto told =
        ask(bench, case_record::update_case_tool(bench.work()),
            {{"case", id},
             {"env", "STAGING"},
             {"entity_ids", {{"order", "7"}}},
             {"time_window",
              {{"start", "2026-11-22T13:00:00Z"}, {"end", "2026-11-22T14:00:00Z"}, {"timezone", "UTC"}}},
             {"symptoms", {{"expected", "12.50"}, {"actual", "11.00"}}}});
    INFO(told.text);
    REQUIRE_FALSE(told.is_error);
    CHECK(told.structured.at("questions").as_array().empty());
    CHECK(ask(bench, case_record::open_case_tool(bench.work()), {}).is_error);
}

TEST_CASE("the brief of a large case stays within 2,000 tokens on each channel") {
    ToolBench bench;
    for (int i = 0; i < 120; ++i) {
        const auto written =
            ask(bench, case_record::write_log_tool(bench.work()),
                {{"case", bench.case_id}, {"kind", "note"}, {"text", std::string(400, 'x')}});
        REQUIRE_FALSE(written.is_error);
    }
    const auto brief = ask(bench, case_record::get_case_tool(bench.work()), {{"case", bench.case_id}});
    CHECK(token_estimate(json::serialize(brief.structured).size()) <= 2'000);
    CHECK(token_estimate(brief.text.size()) <= 2'000);
    CHECK(brief.structured.at("entries_total") == 120);
    CHECK(brief.structured.at("entries").as_array().size() > 3);
}

TEST_CASE("a finding cites runs of its own case, and one that cites none is told so") {
    ToolBench bench;
    bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    const auto answer = bench.call(mysql::query_tool(bench.work()), {{"sql", "SELECT 1"}});
    const auto run = answer.at("run").at("id");
    const auto write = [&](json::object entry) {
        entry["case"] = bench.case_id;
        return ask(bench, case_record::write_log_tool(bench.work()), std::move(entry));
    };

    CHECK_FALSE(write({{"kind", "finding"}, {"text", "it is so"}, {"evidence", {run}}}).is_error);
    const auto by_number = write({{"kind", "finding"}, {"text", "it is so"}, {"evidence", {"1"}}});
    CHECK(by_number.structured.at("evidence") == json::array{run});
    CHECK_FALSE(by_number.structured.contains("warning"));
    bench.refusal(mysql::query_tool(bench.work()), {{"sql", "DROP TABLE t"}});
    const auto of_a_refusal = write({{"kind", "finding"}, {"text", "it is so"}, {"evidence", {"2"}}});
    CHECK_THAT(std::string(of_a_refusal.structured.at("warning").as_string()),
               Catch::Contains("run 2 was refused"));
    CHECK(write({{"kind", "finding"}, {"text", "it is so"}}).structured.contains("warning"));
    CHECK(write({{"kind", "finding"}, {"text", "it is so"}, {"evidence", {"3"}}}).is_error);
    CHECK(write({{"kind", "finding"}, {"text", "it is so"}, {"evidence", {"20260101_000000_00000000"}}})
              .is_error);
    CHECK(write({{"kind", "hypothesis"}, {"text", "perhaps"}}).is_error);
    CHECK(write({{"kind", "note"}, {"text", "n"}, {"state", "open"}}).is_error);
    CHECK(write({{"kind", "hypothesis"}, {"key", "h1"}, {"text", "perhaps"}}).structured.at("state") ==
          "open");
}

TEST_CASE("evidence is read in slices, and only by a name of the run's manifest") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    source.tables = {{"FROM t", {{{"n", "INT", false}}, {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}}}}};
    const auto answer =
        bench.call(mysql::query_tool(bench.work()), {{"sql", "SELECT n FROM t"}, {"task", "five"}});
    const auto run = answer.at("run").at("id");
    const auto read = [&](json::object arguments) {
        arguments["case"] = bench.case_id;
        return ask(bench, evidence_record::read_evidence_tool(bench.work()), std::move(arguments));
    };

    const auto slice = read({{"run", run}, {"file", "db_rows.five.csv"}, {"offset", 1}, {"rows_max", 2}});
    CHECK(slice.structured.at("rows") == json::parse(R"([["2"],["3"]])"));
    CHECK(slice.structured.at("next_offset") == 3);
    CHECK_FALSE(
        read({{"run", run}, {"file", "db_rows.five.csv"}, {"offset", 3}}).structured.contains("next_offset"));
    CHECK(read({{"run", run}, {"file", "five.sql"}}).structured.at("text") == "SELECT n FROM t");
    CHECK(read({{"run", "1"}, {"file", "five.sql"}}).structured.at("text") == "SELECT n FROM t");
    CHECK(read({}).structured.at("runs").at(0).at("run") == run);
    for (const auto* name : {"../../case.json", "/etc/passwd", "nothing.csv", ".", "five.sql/../five.sql"})
        CHECK(read({{"run", run}, {"file", name}}).is_error);
    CHECK(read({{"run", "../x"}, {"file", "five.sql"}}).is_error);
    CHECK(read({{"run", run}}).is_error);
}

TEST_CASE("the trace that a call belongs to is a member of its run's manifest") {
    ToolBench bench;
    auto& source = bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    source.tables = {{"FROM t", {{{"n", "INT", false}}, {{"1"}}}}};
    bench.confirm("STAGING");
    const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    bench.context.traceparent = trace;

    const auto answer =
        bench.call(mysql::query_tool(bench.work()), {{"sql", "SELECT * FROM t"}, {"task", "look"}});

    const std::filesystem::path folder(std::string(answer.at("run").at("folder").as_string()));
    std::ifstream in(folder / "look.manifest.json");
    const std::string manifest((std::istreambuf_iterator<char>(in)), {});
    CHECK_THAT(manifest, Catch::Contains("\"traceparent\": \"" + trace + "\"") ||
                             Catch::Contains("\"traceparent\":\"" + trace + "\""));
}

TEST_CASE("a citation of somebody's documentation is kept with its address and what it says") {
    ToolBench bench;
    const auto written = ask(bench, case_record::write_log_tool(bench.work()),
                             {{"case", bench.case_id},
                              {"kind", "note"},
                              {"key", "citation"},
                              {"text", "pools of 50 to 100 connections for high traffic"},
                              {"value", {{"source", "https://docs.example/pools"}, {"says", "50-100"}}}});
    REQUIRE_FALSE(written.is_error);
    const auto state = bench.cases().find(bench.case_id, bench.principal).value();
    const auto* citation = cases::newest_with_key(state, "citation");
    REQUIRE(citation != nullptr);
    CHECK(cases::member_of(*citation, "source") == "https://docs.example/pools");
    CHECK(cases::member_of(*citation, "says") == "50-100");
    // An address of the inside of a document stays text there.
    CHECK_THAT(cases::render_inspect_log(state, "key"), Catch::Contains("pools of 50 to 100 connections"));
}

TEST_CASE("every note, confirmation, change of status and closing says who wrote it") {
    ToolBench bench;
    bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    ask(bench, case_record::write_log_tool(bench.work()),
        {{"case", bench.case_id}, {"kind", "note"}, {"text", "looked"}});
    for (const auto* status : {"investigating", "closed"})
        ask(bench, case_record::update_case_tool(bench.work()),
            {{"case", bench.case_id}, {"status", status}});

    std::ifstream in(bench.cases().store().case_folder(bench.case_id) / "chain.jsonl");
    std::set<std::string> kinds;
    for (std::string line; std::getline(in, line);) {
        const auto record = parse_json(line).value().as_object();
        const auto& body = record.at("body").as_object();
        const auto kind = std::string(record.at("kind").as_string());
        if (kind == "sealed" || kind == "run") continue;  // of the call that a grant was given for
        INFO(line);
        CHECK(string_or(body, "by") + string_or(body, "principal") + string_or(body, "opener") ==
              bench.principal);
        kinds.insert(kind);
    }
    for (const auto* kind : {"opened", "entry", "grant", "status", "closed"}) CHECK(kinds.contains(kind));
}

TEST_CASE("a hypothesis is set aside by the name that the schema gives, and a bare verdict is warned of") {
    ToolBench bench;
    const auto write = [&](const char* state) {
        return ask(bench, case_record::write_log_tool(bench.work()),
                   {{"case", bench.case_id},
                    {"kind", "hypothesis"},
                    {"key", "h1"},
                    {"text", "x"},
                    {"state", state}});
    };
    const auto aside = write("set_aside");
    INFO(aside.text);
    REQUIRE_FALSE(aside.is_error);
    CHECK(aside.structured.at("state") == "set aside");
    CHECK_FALSE(aside.structured.contains("warning"));
    CHECK_THAT(write("supported").text, Catch::Contains("h1 is supported without a run behind it"));
}

TEST_CASE("the timeline shows what was added, however old, and earlier events page by page") {
    ToolBench bench;
    for (int i = 0; i < 120; ++i)
        REQUIRE_FALSE(ask(bench, case_record::write_log_tool(bench.work()),
                          {{"case", bench.case_id}, {"kind", "note"}, {"text", "note " + std::to_string(i)}})
                          .is_error);
    const auto timeline = [&](json::object arguments) {
        arguments["case"] = bench.case_id;
        return ask(bench, case_record::timeline_tool(bench.work()), std::move(arguments));
    };
    const auto added =
        timeline({{"add", {{"at", "2020-01-01T00:00:00Z"}, {"text", "deployed"}, {"source", "ann"}}}});
    CHECK(added.structured.at("added").at("text") == "deployed");
    CHECK(added.structured.at("truncated") == true);
    const auto total = added.structured.at("events_total").as_int64();
    const auto earliest = timeline({{"skip", 100}});
    CHECK(earliest.structured.at("events").as_array().size() == static_cast<std::size_t>(total - 100));
    CHECK(earliest.structured.at("events").at(0).at("text") == "deployed");
    CHECK(earliest.structured.at("truncated") == false);
    CHECK(timeline({{"skip", 1'000}}).structured.at("events").as_array().empty());
}

TEST_CASE("an event is not added by a call that is refused") {
    ToolBench bench;
    cases::CaseFields fields;
    fields.topic = "no beginning";
    const auto id = bench.cases().open(fields, bench.principal).value().id;
    const auto call = [&](const char* milestone) {
        json::object add{{"at", "2026-11-22T13:00:00Z"}, {"text", "deployed"}, {"source", "ann"}};
        if (milestone != nullptr) add["milestone"] = milestone;
        return ask(bench, case_record::timeline_tool(bench.work()),
                   {{"case", id}, {"add", std::move(add)}, {"correlate_minutes", 60}});
    };
    const auto refused = call(nullptr);
    CHECK(refused.is_error);
    CHECK_THAT(refused.text, Catch::Contains("nothing was added"));
    CHECK(bench.cases().find(id, bench.principal).value().entries.empty());
    CHECK_FALSE(call("started").is_error);
}
