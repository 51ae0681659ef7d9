// Opening a case: what is asked, what the answers become, and what is taken without them.

#include "tools/case/intake.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/unit/tools/record_tools.h"
#include "tools/case/tools.h"

using namespace casefile;
using namespace casefile::tools;
using case_record::ask_for_missing;
using case_record::with_answers;
using sources::mysql::FakeMysqlSource;

namespace {

mcp::CallContext asking(mcp::AnswerAction action, json::object content) {
    mcp::CallContext context;
    context.client_can.forms = true;
    context.answers["intake"] = {action, std::move(content)};
    return context;
}

}  // namespace

TEST_CASE("a human is asked once, for what is missing and for nothing else") {
    mcp::CallContext context;
    cases::CaseFields told;
    told.topic = "old prices";
    CHECK_FALSE(ask_for_missing(told, context));
    context.client_can.forms = true;
    const auto all = ask_for_missing(told, context);
    REQUIRE(all);
    CHECK(all->questions.at(0).form.at("properties").as_object().size() == 7);
    CHECK_FALSE(all->questions.at(0).form.contains("required"));

    told.env = "DEV";
    told.symptoms = cases::Symptoms{"12.50", "11.00"};
    CHECK(ask_for_missing(told, context)->questions.at(0).form.at("properties").as_object().size() == 4);
    told.entity_ids = json::object{{"order", "1"}};
    told.time_window = cases::TimeWindow{"2026-11-22T14:00:00Z", "", ""};
    CHECK_FALSE(ask_for_missing(told, context));
    CHECK_FALSE(ask_for_missing({}, asking(mcp::AnswerAction::decline, {})));
}

TEST_CASE("answers fill what was missing, and never replace what was told") {
    cases::CaseFields told;
    told.env = "DEV";
    told.symptoms = cases::Symptoms{"", "11.00"};
    const auto filled = with_answers(
        told, asking(mcp::AnswerAction::accept, {{"env", "PROD"},
                                                 {"entity_ids", "order 4711, order 4712, user: 7, 99"},
                                                 {"start", "2026-11-22T14:00:00+01:00"},
                                                 {"expected", " 12.50 "},
                                                 {"actual", "other"}}));
    CHECK(filled.env == "DEV");
    CHECK(filled.symptoms->expected == "12.50");
    CHECK(filled.symptoms->actual == "11.00");
    CHECK(filled.time_window->start == "2026-11-22T14:00:00+01:00");
    CHECK(json::serialize(*filled.entity_ids) == R"({"order":["4711","4712"],"user":["7"],"id":["99"]})");

    const auto declined = with_answers(told, asking(mcp::AnswerAction::decline, {{"start", "x"}}));
    CHECK_FALSE(declined.time_window);
    const auto backwards =
        with_answers({}, asking(mcp::AnswerAction::accept,
                                {{"start", "2026-11-22T14:00:00Z"}, {"end", "2026-11-22T13:00:00Z"}}));
    CHECK_FALSE(backwards.time_window);
}

TEST_CASE("an unknown severity takes P2 and is asked about, until a known one is told") {
    ToolBench bench;
    const auto opened =
        answer_of(bench, case_record::open_case_tool(bench.work()), {{"topic", "x"}, {"severity", "urgent"}});
    CHECK(holds_text(opened.at("questions"), "'urgent' is none of P0 to P3"));
    const auto changed = answer_of(bench, case_record::update_case_tool(bench.work()),
                                   {{"case", opened.at("case")}, {"severity", "SEV1"}});
    CHECK(changed.at("fields").at("severity") == "P1");
    CHECK_FALSE(holds_text(changed.at("questions"), "urgent"));
}

TEST_CASE("a gate warns, lets the case go on, and the log says so") {
    ToolBench bench;
    const auto warned =
        answer_of(bench, case_record::update_case_tool(bench.work()), {{"status", "resolved"}});
    CHECK(warned.at("status") == "resolved");
    CHECK(holds_text(warned.at("warnings"), "checked again"));
    CHECK(bench.cases().find(bench.case_id, bench.principal).value().entries.back().kind == "override");
    CHECK_THAT(
        refusal_of(bench, case_record::update_case_tool(bench.work()), {{"framing", {{"weather", "fine"}}}}),
        Catch::Contains("framing.weather"));
}

TEST_CASE("an environment that no variable names and a zone that nobody knows are asked about") {
    ToolBench bench;
    bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    const auto opened = answer_of(
        bench, case_record::open_case_tool(bench.work()),
        {{"topic", "x"},
         {"env", "STAGGING"},
         {"time_window", {{"start", "2026-11-22T14:00:00Z"}, {"end", ""}, {"timezone", "Europe/Berln"}}}});
    CHECK(holds_text(opened.at("questions"), "no environment is called 'STAGGING'; there are: STAGING"));
    CHECK(holds_text(opened.at("questions"), "'Europe/Berln' is no zone"));
    const auto told = answer_of(
        bench, case_record::update_case_tool(bench.work()),
        {{"case", opened.at("case")},
         {"env", "STAGING"},
         {"time_window", {{"start", "2026-11-22T14:00:00Z"}, {"end", ""}, {"timezone", "Europe/Berlin"}}}});
    CHECK_FALSE(holds_text(told.at("questions"), "env"));
    CHECK_FALSE(holds_text(told.at("questions"), "zone that"));
}
