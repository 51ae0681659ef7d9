// The toolset work: what it keeps, computes, warns of and refuses.

#include "tests/unit/tools/record_tools.h"
#include "tools/case/tools.h"
#include "tools/work/tools.h"

using namespace casefile;
using namespace casefile::tools;

TEST_CASE("a plan keeps its order, its dependencies and its states") {
    ToolBench bench;
    auto plan = answer_of(bench, work::set_plan_tool(bench.work()),
                          {{"stage", "wide"},
                           {"steps",
                            {{{"id", "rows"}, {"title", "read the rows"}, {"tools", {"query_mysql"}}},
                             {{"id", "cache"}, {"title", "read the cache"}, {"after", {"rows"}}}}}});
    REQUIRE(plan.at("steps").as_array().size() == 2);
    CHECK(plan.at("next") == "rows");
    CHECK(plan.at("stage") == "wide");

    plan = answer_of(bench, work::set_plan_tool(bench.work()),
                     {{"steps", {{{"id", "cache"}, {"state", "done"}}}}});
    CHECK(plan.at("steps").at(1).at("title") == "read the cache");
    CHECK(plan.at("warnings").at(0) == "step cache is done before rows");
    CHECK_THAT(refusal_of(bench, work::set_plan_tool(bench.work()),
                          {{"steps", {{{"id", "x"}, {"title", "x"}, {"after", {"nowhere"}}}}}}),
               Catch::Contains("which is no step"));
    CHECK_THAT(refusal_of(bench, work::set_plan_tool(bench.work()), {{"steps", {{{"id", "new"}}}}}),
               Catch::Contains("has no title"));
}

TEST_CASE("the last stage of the funnel without a supported hypothesis is warned of and recorded") {
    ToolBench bench;
    const auto early = answer_of(bench, work::set_plan_tool(bench.work()), {{"stage", "fix"}});
    CHECK(early.at("warnings").as_array().size() == 1);
    const auto state = bench.cases().find(bench.case_id, bench.principal).value();
    CHECK(state.entries.back().kind == "override");
    CHECK(state.fields.stage == "fix");
}

TEST_CASE("a hypothesis keeps rank, probability and what would settle it, and its history") {
    ToolBench bench;
    const auto run = filed_run(bench, "query_mysql", "seven items");
    answer_of(bench, work::set_hypothesis_tool(bench.work()),
              {{"key", "h2"}, {"text", "the provider"}, {"rank", 2}, {"refutes", "a payment"}});
    answer_of(bench, work::set_hypothesis_tool(bench.work()),
              {{"key", "h1"},
               {"text", "a call for each item"},
               {"rank", 1},
               {"probability", 0.7},
               {"confirms", "time grows"},
               {"refutes", "a large cart in time"}});
    const auto warned =
        answer_of(bench, work::set_hypothesis_tool(bench.work()), {{"key", "h2"}, {"state", "refuted"}});
    CHECK(holds_text(warned.at("warnings"), "without a run"));

    const auto board = answer_of(bench, work::set_hypothesis_tool(bench.work()),
                                 {{"key", "h1"}, {"state", "supported"}, {"evidence", {run}}});

    const auto& first = board.at("hypotheses").at(0);
    CHECK(first.at("key") == "h1");
    CHECK(first.at("probability") == "0.7");
    CHECK(first.at("confirms") == "time grows");
    CHECK(first.at("evidence") == json::array{json::value(run)});
    CHECK(first.at("history").as_array().size() == 2);
    CHECK(board.at("hypotheses").at(1).at("state") == "refuted");
    CHECK_THAT(refusal_of(bench, work::set_hypothesis_tool(bench.work()), {{"key", "h9"}}),
               Catch::Contains("text"));
}

TEST_CASE("an action has a horizon, an owner and a date, or is listed as missing them") {
    ToolBench bench;
    const auto first =
        answer_of(bench, work::set_action_tool(bench.work()),
                  {{"key", "alert"}, {"text", "alert on the pool"}, {"horizon", "monitoring"}});
    CHECK(first.at("missing").as_array().size() == 2);
    const auto second = answer_of(bench, work::set_action_tool(bench.work()),
                                  {{"key", "alert"}, {"owner", "Ada"}, {"due", "2026-12-01"}});
    CHECK(second.at("missing").as_array().empty());
    CHECK(second.at("actions").at(0).at("horizon") == "monitoring");
    CHECK_THAT(refusal_of(bench, work::set_action_tool(bench.work()), {{"key", "alert"}, {"due", "soon"}}),
               Catch::Contains("expected a date"));
}

TEST_CASE("a figure has a run behind it or is an estimate, and a rate is computed over the case's duration") {
    ToolBench bench;
    for (const auto& [name, at] :
         {std::pair("started", "2025-11-14T14:32:00Z"), std::pair("recovered", "2025-11-14T15:55:00+01:00")})
        answer_of(bench, case_record::timeline_tool(bench.work()),
                  {{"add", {{"at", at}, {"text", name}, {"source", "chat"}, {"milestone", name}}}});
    const auto run = filed_run(bench, "query_mysql", "225 a minute");
    const auto impact = answer_of(
        bench, work::set_impact_tool(bench.work()),
        {{"figures",
          {{{"name", "Users affected"}, {"rate", 350}, {"unit", "users"}, {"estimate", "support's count"}},
           {{"name", "Failed requests"}, {"rate", 225}, {"unit", "requests"}, {"evidence", {run}}},
           {{"name", "Revenue"},
            {"rate", 450},
            {"per", "hour"},
            {"unit", "USD"},
            {"estimate", "average order"}},
           {{"name", "Complaints"}, {"amount", 12}, {"estimate", "tickets"}}}},
         {"blast_radius", {"checkout"}}});

    const auto& figures = impact.at("figures").as_array();
    CHECK(figures.at(0).at("text") == "8,050 users");
    CHECK(figures.at(0).at("estimate") == true);
    CHECK(figures.at(1).at("text") == "5,175 requests");
    CHECK(figures.at(1).at("evidence") == json::array{json::value(run)});
    CHECK(figures.at(2).at("text") == "USD 172.50");
    CHECK(figures.at(3).at("text") == "12");
    CHECK(holds_text(impact.at("blast_radius"), "checkout"));

    // What runs show as hit is added; what they show as well is not.
    filed_lag(bench, R"({"groups":[{"group":"billing","verdict":"OK"},{"group":"writer","verdict":"STOPPED"}],
        "partitions":[{"topic":"orders","state":"OK"},{"topic":"prices","state":"STOPPED"}]})");
    const auto radius =
        answer_of(bench, work::set_impact_tool(bench.work()), {{"blast_radius", {"checkout"}}})
            .at("blast_radius");
    CHECK(radius == json::array{"checkout, group writer, topic prices"});

    // A rate tells no parts of a person.
    const auto people = answer_of(
        bench, work::set_impact_tool(bench.work()),
        {{"figures", {{{"name", "People"}, {"rate", 35}, {"minutes", 25.17}, {"estimate", "page views"}}}}});
    CHECK(holds_text(people.at("figures"), "881"));
    CHECK(holds_text(people.at("figures"), "35 per minute for 25.17 min"));

    CHECK_THAT(refusal_of(bench, work::set_impact_tool(bench.work()),
                          {{"figures", {{{"name", "x"}, {"amount", 1}}}}}),
               Catch::Contains("expected a run behind it, or an estimate"));
    CHECK_THAT(refusal_of(bench, work::set_impact_tool(bench.work()),
                          {{"figures",
                            {{{"name", "x"}, {"amount", 1}, {"evidence", {"20990101_000000_00000000"}}}}}}),
               Catch::Contains("expected ids or numbers of runs of this case"));
}

TEST_CASE("service levels come from given numbers, and stay with the case") {
    ToolBench bench;
    const auto levels =
        answer_of(bench, work::compute_slo_tool(bench.work()),
                  {{"target_percent", 99.9},
                   {"downtime_minutes", 22},
                   {"indicators",
                    {{{"name", "Error rate"}, {"value", 12.3}, {"target", 0.1}},
                     {{"name", "Availability"}, {"value", 99.95}, {"target", 99.9}, {"better", "higher"}}}},
                   {"before_after",
                    {{{"name", "Error rate"}, {"before", 15}, {"after", 0.05}},
                     {{"name", "p95"}, {"before", 2.5}, {"after", 0.32}}}},
                   {"counts",
                    {{{"name", "timeouts"}, {"count", 180}},
                     {{"name", "memory"}, {"count", 30}},
                     {{"name", "other"}, {"count", 15}}}}});
    CHECK(levels.at("budget_minutes") == "43.8");
    CHECK(levels.at("left_minutes") == "21.8");
    CHECK(levels.at("all_met") == false);
    for (const auto* line :
         {"Error rate: 12.3, target at most 0.1: not met", "target at least 99.9: met", "factor 300",
          "factor 7.8", "timeouts: 180, 80 %", "memory: 30, 13 %", "other: 15, 7 %"})
        CHECK(holds_text(levels.at("lines"), line));
    CHECK(bench.cases().find(bench.case_id, bench.principal).value().entries.back().key == "slo");
    CHECK_THAT(refusal_of(bench, work::compute_slo_tool(bench.work()), {}), Catch::Contains("expected"));
    CHECK_THAT(refusal_of(bench, work::compute_slo_tool(bench.work()),
                          {{"counts", {{{"name", "timeouts"}, {"count", 1e308}}}}}),
               Catch::Contains("counts[0].count: expected 0..1000000000000000, got 1E308"));
    CHECK_THAT(refusal_of(bench, work::compute_slo_tool(bench.work()), {{"target_percent", 99.9}}),
               Catch::Contains("downtime_minutes"));
}

TEST_CASE("service levels are not all met where the downtime is above the error budget") {
    ToolBench bench;
    const auto met = [&](double downtime) {
        return answer_of(bench, work::compute_slo_tool(bench.work()),
                         {{"target_percent", 99.9},
                          {"period_hours", 730},
                          {"downtime_minutes", downtime},
                          {"indicators", {{{"name", "p95"}, {"value", 1}, {"target", 2}}}}});
    };
    CHECK(met(100).at("all_met") == false);
    CHECK(holds_text(met(100).at("lines"), "Availability: 99.772 %, target 99.9 %: not met"));
    CHECK(met(43.8).at("all_met") == true);
    CHECK(holds_text(met(43.8).at("lines"), "target 99.9 %: met"));
}

TEST_CASE("each tool that takes evidence says which of the runs shows no data") {
    ToolBench bench;
    filed_run(bench, "query_mysql", "no", {}, evidence::Outcome::refused);
    const std::string doubt = "run 1 was refused: it shows that it was asked, and no data";
    const auto says_so = [&](std::unique_ptr<mcp::Tool> tool, json::object arguments) {
        const auto answer = answer_of(bench, std::move(tool), std::move(arguments));
        INFO(json::serialize(answer));
        CHECK(holds_text(answer.at("warnings"), doubt));
    };
    says_so(work::set_plan_tool(bench.work()),
            {{"steps", {{{"id", "rows"}, {"title", "read the rows"}, {"evidence", {"1"}}}}}});
    says_so(work::set_hypothesis_tool(bench.work()),
            {{"key", "h1"}, {"text", "x"}, {"state", "supported"}, {"refutes", "y"}, {"evidence", {"1"}}});
    says_so(work::set_impact_tool(bench.work()),
            {{"figures", {{{"name", "Complaints"}, {"amount", 12}, {"evidence", {"1"}}}}}});
    says_so(work::compute_slo_tool(bench.work()),
            {{"counts", {{{"name", "timeouts"}, {"count", 1}}}}, {"evidence", {"1"}}});
    says_so(work::record_fix_tool(bench.work()), {{"key", "pool"}, {"title", "x"}, {"fails_before", "1"}});
    says_so(work::record_analysis_tool(bench.work()),
            {{"model", "m"},
             {"analysis",
              {{"root_cause", "the pool"},
               {"confidence", 0.9},
               {"because", {{{"claim", "all in use"}, {"runs", {"1"}}}}}}}});
}

TEST_CASE("a milestone that has not been yet is warned of, wherever it is told") {
    ToolBench bench;
    const auto event = [&](const std::string& at) {
        return answer_of(
            bench, case_record::timeline_tool(bench.work()),
            {{"add", {{"at", at}, {"text", "over"}, {"source", "chat"}, {"milestone", "recovered"}}}});
    };
    CHECK(holds_text(event("2099-01-01T00:00:00Z").at("warning"),
                     "milestone.recovered is told for 2099-01-01T00:00:00Z, and now it is"));
    CHECK_FALSE(event("2026-11-22T13:00:00Z").contains("warning"));
    const auto typed = answer_of(bench, case_record::write_log_tool(bench.work()),
                                 {{"kind", "note"},
                                  {"key", "recovery"},
                                  {"text", "over"},
                                  {"value", {{"recovered_at", "2099-01-01T00:00:00Z"}}}});
    CHECK(holds_text(typed.at("warning"), "recovery is told for 2099"));
}

TEST_CASE("a hand-over carries hypotheses, open questions and run ids") {
    ToolBench bench;
    const auto run = filed_run(bench, "query_mysql", "seven items");
    answer_of(bench, work::set_hypothesis_tool(bench.work()),
              {{"key", "h1"}, {"text", "pool too small"}, {"evidence", {run}}, {"refutes", "x"}});
    const auto note = answer_of(bench, work::hand_off_tool(bench.work()),
                                {{"to", "backend"}, {"text", "look at the pool"}});
    CHECK(note.at("prompt") == "persona_backend");
    CHECK(holds_text(note.at("note"), "pool too small"));
    CHECK(note.at("questions").as_array().size() == 4);
    CHECK(note.at("evidence") == json::array{json::value(run)});
}

TEST_CASE("an analysis needs its shape and runs of this case, and brings cause, fixes and status along") {
    ToolBench bench;
    const auto run = filed_run(bench, "query_mysql", "fifty of fifty");
    CHECK_THAT(refusal_of(bench, work::record_analysis_tool(bench.work()),
                          {{"model", "m"}, {"analysis", "it was the pool"}}),
               Catch::Contains("got free text"));
    CHECK_THAT(refusal_of(bench, work::record_analysis_tool(bench.work()),
                          {{"model", "m"}, {"analysis", {{"root_cause", "pool"}, {"confidence", 0.9}}}}),
               Catch::Contains("analysis.because"));
    const auto analysis = [&](const std::string& cited, double confidence) {
        return json::object{{"root_cause", "the pool is too small"},
                            {"confidence", confidence},
                            {"because", {{{"claim", "all in use"}, {"runs", {cited}}}}},
                            {"contributing_factors", {"a new job"}},
                            {"fixes", {{{"title", "larger pool"}, {"risk", "low"}}}}};
    };
    CHECK_THAT(refusal_of(bench, work::record_analysis_tool(bench.work()),
                          {{"model", "m"}, {"analysis", analysis("99", 0.9)}}),
               Catch::Contains("expected ids or numbers of runs of this case"));
    CHECK(bench.cases().find(bench.case_id, bench.principal).value().fields.root_cause == std::nullopt);

    const auto unsure = answer_of(bench, work::record_analysis_tool(bench.work()),
                                  {{"model", "m"}, {"analysis", analysis("1", 0.5)}});
    CHECK(unsure.at("status") == "open");
    const auto sure = answer_of(bench, work::record_analysis_tool(bench.work()),
                                {{"model", "m"}, {"tokens", 6000}, {"analysis", analysis(run, 0.9)}});
    CHECK(sure.at("status") == "identified");
    CHECK(sure.at("fixes") == json::array{"larger-pool"});
    CHECK(bench.cases().find(bench.case_id, bench.principal).value().fields.root_cause ==
          "the pool is too small");
}

TEST_CASE("a fix is validated only by a test that failed before and passes after") {
    ToolBench bench;
    const auto run = filed_run(bench, "query_mysql", "x");
    const auto first = answer_of(bench, work::record_fix_tool(bench.work()),
                                 {{"key", "pool"},
                                  {"title", "larger pool"},
                                  {"old", "10"},
                                  {"new", "50"},
                                  {"rationale", "load"},
                                  {"risk", "low"}});
    CHECK(first.at("fixes").at(0).at("state") == "proposed");
    CHECK(first.at("warnings").as_array().size() == 1);
    CHECK_THAT(
        refusal_of(bench, work::record_fix_tool(bench.work()), {{"key", "pool"}, {"state", "validated"}}),
        Catch::Contains("needs fails_before and passes_after"));
    CHECK_THAT(
        refusal_of(bench, work::record_fix_tool(bench.work()), {{"key", "pool"}, {"fails_before", "no.txt"}}),
        Catch::Contains("casefile attach"));
    // One run cannot show both.
    CHECK_THAT(refusal_of(bench, work::record_fix_tool(bench.work()),
                          {{"key", "pool"}, {"fails_before", run}, {"passes_after", "1"}}),
               Catch::Contains("expected another run or attachment than fails_before"));
    filed_run(bench, "query_mysql", "y");
    const auto valid = answer_of(bench, work::record_fix_tool(bench.work()),
                                 {{"key", "pool"},
                                  {"fails_before", run},
                                  {"passes_after", "2"},
                                  {"state", "validated"},
                                  {"link", "https://git.example/pr/1"}});
    CHECK(valid.at("fixes").at(0).at("state") == "validated");
    CHECK(valid.at("fixes").at(0).at("link") == "https://git.example/pr/1");
}

TEST_CASE("the next step follows the severity and what is done") {
    ToolBench bench;
    const auto none = answer_of(bench, work::next_step_tool(bench.work()),
                                {{"case", nullptr}, {"severity", "p0_critical"}, {"done", {"0.1"}}});
    CHECK(none.at("route") == "p0_critical");
    CHECK(none.at("next") == "0.2 Page everybody");
    CHECK(answer_of(bench, work::next_step_tool(bench.work()), {{"case", nullptr}, {"severity", "?"}})
              .at("route") == "p2_medium");

    const auto with_case = answer_of(bench, work::next_step_tool(bench.work()), {{"severity", "P1"}});
    CHECK(with_case.at("next") == "1.1 Alert triage");
    CHECK(with_case.at("steps").as_array().size() == 18);
    CHECK(holds_text(with_case.at("advice"), "expected 5 to 10"));
}

TEST_CASE("a runbook is found by the alert, and tells reads from what people do") {
    ToolBench bench;
    CHECK_THAT(refusal_of(bench, work::find_runbook_tool(bench.work()), {{"search", "pool"}}),
               Catch::Contains("there are no runbooks"));
    const auto folder = bench.cases().store().home() / "runbooks";
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "pool.md")
        << "# Pool exhausted\n\nAlert: DatabaseConnectionPoolHigh\n\n1. query_mysql SHOW "
           "PROCESSLIST\n2. Restart the service\n";
    std::ofstream(folder / "lag.md") << "# Consumer lag\n\n1. kafka_lag\n";
    cases::CaseFields fields;
    fields.framing = json::object{{"alert", "DatabaseConnectionPoolHigh"}};
    bench.cases().update(bench.case_id, fields, bench.principal).value();

    const auto found = answer_of(bench, work::find_runbook_tool(bench.work()), {});

    const auto& best = found.at("runbooks").at(0);
    CHECK(best.at("name") == "pool");
    CHECK(best.at("reads").as_array().size() == 1);
    CHECK(best.at("for_people") == json::array{"2. Restart the service"});
    CHECK(holds_text(found.at("text"), "Pool exhausted"));
}
