// What people get to read, send, review or merge: every kind of document, made from the record.

#include "cases/documents.h"
#include "base/text.h"
#include "tests/unit/tools/record_tools.h"
#include "tools/case/tools.h"
#include "tools/work/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

void event(ToolBench& bench, const std::string& at, const std::string& text,
           const std::string& milestone = {}) {
    json::object add{{"at", at}, {"text", text}, {"source", "chat"}};
    if (!milestone.empty()) add["milestone"] = milestone;
    answer_of(bench, case_record::timeline_tool(bench.work()), {{"add", std::move(add)}});
}

std::string text_of(const json::object& draft) { return std::string(draft.at("text").as_string()); }

}  // namespace

TEST_CASE("every kind of document is drafted, closes with its head, and lists what is missing") {
    ToolBench bench;
    for (const auto& kind : cases::document_kinds()) {
        INFO(kind);
        if (kind == "pull_request" || kind == "data_correction") {
            CHECK(ask_record(bench, work::draft_document_tool(bench.work()), {{"kind", kind}}).is_error);
            continue;
        }
        const auto draft = answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", kind}});
        CHECK_THAT(text_of(draft), Catch::Contains(bench.case_id) && Catch::Contains("head `"));
        CHECK_FALSE(draft.at("missing").as_array().empty());
        CHECK(std::filesystem::exists(std::string(draft.at("file").as_string())));
    }
    CHECK(ask_record(bench, work::draft_document_tool(bench.work()), {{"kind", "poem"}}).is_error);
}

TEST_CASE("a message to customers names nothing of the inside, and an internal one says who has it") {
    ToolBench bench;
    cases::CaseFields fields;
    fields.severity = "P0";
    fields.symptoms = cases::Symptoms{"payments go through", "some payments fail"};
    fields.framing = json::object{{"service", "Checkout"}};
    fields.metadata = json::object{{"next_update", "15:30 UTC"}};
    bench.cases().update(bench.case_id, fields, bench.principal).value();
    event(bench, "2026-11-22T14:23:00Z", "begins", "started");
    answer_of(bench, work::hand_off_tool(bench.work()), {{"to", "backend"}});

    const auto outside = text_of(
        answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "comms_customer_first"}}));
    const auto message = outside.substr(0, outside.find("## For the sender"));
    CHECK_THAT(message, Catch::Contains("Checkout") && Catch::Contains("some payments fail") &&
                            Catch::Contains("15:30 UTC") && Catch::Contains("2026-11-22 14:23"));
    CHECK(message.find("wrong prices") == std::string::npos);
    const auto inside = text_of(
        answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "comms_internal_first"}}));
    CHECK_THAT(inside,
               Catch::Contains("P0") && Catch::Contains("**Working on it:** backend, since 2026-11-22"));
    const auto draft =
        answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "comms_partner_resolved"}});
    CHECK(holds_text(draft.at("missing"), "compute_slo"));
    CHECK(holds_text(draft.at("missing"), "the case is open; this says that it is over"));
}

TEST_CASE("what was written for insiders goes outside only in words that a person chose") {
    ToolBench bench;
    answer_of(bench, case_record::write_log_tool(bench.work()),
              {{"kind", "decision"}, {"key", "workaround"}, {"text", "restart cache-writer on host 7"}});

    const auto inside = text_of(
        answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "comms_internal_update"}}));
    CHECK_THAT(inside, Catch::Contains("- **What you can do:** restart cache-writer on host 7"));
    const auto draft =
        answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "comms_customer_update"}});
    CHECK_THAT(text_of(draft), Catch::Contains("_[in their words: restart cache-writer on host 7]_"));
    CHECK(holds_text(draft.at("missing"), "workaround: say it in the words of those who read it"));
}

TEST_CASE("the report in boxes prints events as they were told") {
    ToolBench bench;
    const std::vector<std::pair<std::string, std::string>> told{
        {"14:23", "Payment API error rate increases to 12%"},
        {"14:31", "Database connection pool reaches 100% utilization"},
        {"14:35", "Checkout service starts returning 500 errors"},
        {"14:42", "Customer support reports payment failures"},
        {"14:45", "Investigation begins"}};
    for (auto one = told.rbegin(); one != told.rend(); ++one)
        event(bench, "2026-11-22T" + one->first + ":00+01:00", one->second);
    const auto run = filed_run(bench, "query_mysql", "fixed");
    answer_of(bench, case_record::write_log_tool(bench.work()),
              {{"kind", "finding"},
               {"key", "recovery"},
               {"text", "error rate 23.7 % to 0.3 %"},
               {"evidence", {run}}});
    answer_of(
        bench, work::set_action_tool(bench.work()),
        {{"key", "pool"}, {"text", "raise the pool to 100"}, {"horizon", "immediate"}, {"state", "done"}});
    answer_of(bench, work::set_action_tool(bench.work()),
              {{"key", "split"}, {"text", "pools of their own"}, {"horizon", "long"}});
    answer_of(bench, work::set_impact_tool(bench.work()),
              {{"figures", {{{"name", "Failed transactions"}, {"amount", 234}, {"evidence", {run}}}}}});

    const auto text =
        text_of(answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "report_text"}}));

    std::size_t at = text.find("INCIDENT TIMELINE");
    for (const auto& [clock, what] : told) {
        const auto found = text.find("\n" + clock + " - " + what + "\n", at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
    for (const auto* part : {"┌─ Impact assessment", "│ • Failed transactions: 234 [run 1]",
                             "Immediate (0-2 h)\n  1. raise the pool", "Long term (1-4 weeks)\n  1. pools",
                             "• error rate 23.7 % to 0.3 % [run 1]", "☑ raise the pool", "□ pools of"})
        CHECK_THAT(text, Catch::Contains(part));
    // Each line of a box has the same width.
    std::set<std::size_t> widths;
    for (const auto& line : split(text, '\n'))
        if (line.starts_with("│") || line.starts_with("┌") || line.starts_with("└"))
            widths.insert(static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
                return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
            })));
    CHECK(widths.size() == 1);
}

TEST_CASE("the report in boxes shows one clock, that of the case, and breaks long lines") {
    ToolBench bench;
    cases::CaseFields fields;
    fields.time_window = cases::TimeWindow{"2026-11-22T14:50:00+01:00", "", "+01:00"};
    fields.impact = std::string(60, 'a') + " " + std::string(60, 'b');
    bench.cases().update(bench.case_id, fields, bench.principal).value();  // opened at 14:00 UTC
    event(bench, "2026-11-22T13:55:00Z", "support calls");

    const auto text =
        text_of(answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "report_text"}}));

    CHECK_THAT(text,
               Catch::Contains(
                   "INCIDENT TIMELINE, +01:00:\n2026-11-22\n14:55 - support calls\n15:00 - status open") &&
                   Catch::Contains("│   bbbb") && Catch::Contains("\n## Evidence\n\n| Run |"));
}

TEST_CASE("the report in boxes says the day, whenever it is another one by that clock") {
    ToolBench bench;
    cases::CaseFields fields;
    fields.time_window = cases::TimeWindow{"2026-11-20T23:50:00+01:00", "", "+01:00"};
    bench.cases().update(bench.case_id, fields, bench.principal).value();
    event(bench, "2026-11-20T22:50:00Z", "first alarm");
    event(bench, "2026-11-20T23:10:00Z", "second alarm");

    const auto text =
        text_of(answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "report_text"}}));

    CHECK_THAT(text, Catch::Contains("2026-11-20\n23:50 - first alarm\n2026-11-21\n00:10 - second alarm\n"
                                     "2026-11-22\n15:00 - status open"));
}

TEST_CASE("the answer of a draft is what stands in its file, a person's words included") {
    ToolBench bench;
    const auto read = [](const std::string& file) {
        std::ifstream in(file);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const auto check = [&](const std::function<json::object()>& draft) {
        const std::string file(draft().at("file").as_string());
        std::ofstream(file, std::ios::app) << "\n## From Ada\n\nwell done\n";
        const auto answer = draft();
        CHECK(answer.at("file") == json::value(file));
        CHECK_THAT(text_of(answer), Catch::Contains("well done"));
        CHECK(text_of(answer) == read(file));
    };
    check([&] {
        return answer_of(bench, case_record::draft_postmortem_tool(bench.work()), {{"kind", "leader"}});
    });
    check([&] {
        return answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "prevention"}});
    });
}

TEST_CASE("a runbook of a case names its reads as find_runbook looks for them") {
    ToolBench bench;
    filed_run(bench, "confirm_environment", "DEV confirmed");
    filed_run(bench, "query_mysql", "3 rows");

    const auto text =
        text_of(answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "runbook"}}));

    CHECK_THAT(text, Catch::Contains("1. `query_mysql`, look; it showed: 3 rows (["));
    CHECK(text.find("confirm_environment") == std::string::npos);
}

TEST_CASE("a pull request without a patch or a test says so, and shows no commands") {
    ToolBench bench;
    answer_of(bench, work::record_fix_tool(bench.work()), {{"key", "restart"}, {"title", "Restart it"}});

    const auto draft = answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "pull_request"}});

    CHECK_THAT(text_of(draft), Catch::Contains("No patch is recorded") && Catch::Contains("Tested: not yet"));
    CHECK(text_of(draft).find("git apply") == std::string::npos);
    CHECK(holds_text(draft.at("missing"), "patch: what is to be changed?"));
}

TEST_CASE("a pull request has its six sections, and its patch applies") {
    ToolBench bench;
    const auto run = filed_run(bench, "query_mysql", "x");
    answer_of(bench, work::record_fix_tool(bench.work()),
              {{"key", "pool"},
               {"title", "Larger pool"},
               {"description", "from 10 to 50"},
               {"risk", "low"},
               {"patch", "--- a/pool.txt\n+++ b/pool.txt\n@@ -1 +1 @@\n-10\n+50"},
               {"fails_before", run},
               {"passes_after", filed_run(bench, "query_mysql", "y")}});
    const auto draft = answer_of(bench, work::draft_document_tool(bench.work()),
                                 {{"kind", "pull_request"}, {"fix", "pool"}});
    const auto text = text_of(draft);
    std::size_t at = 0;
    for (const auto* part : {"# HOTFIX: Larger pool", "hotfix/larger-pool", "Labels: hotfix, p2, incident",
                             "## Incident", "## Root cause", "## Fix", "## Testing", "## Deployment plan",
                             "## Approval", "git apply --check", "## Commit message", "head `"}) {
        INFO(part);
        const auto found = text.find(part, at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
    CHECK(holds_text(draft.at("missing"), "deploy_plan"));

    TemporaryFolder repository;
    std::ofstream(repository.path() / "pool.txt") << "10\n";
    const auto check = "cd '" + repository.path().string() +
                       "' && git init -q . && git add . && git apply --check '" +
                       std::string(draft.at("patch_file").as_string()) + "'";
    CHECK(std::system(check.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe)
}

TEST_CASE("a data correction lists the keys of a diff for a person to review") {
    // Also of one that has the name that a diff takes when nobody gives one: its script is diff.json.
    const auto task = GENERATE(std::string("prices"), std::string("diff"));
    ToolBench bench;
    evidence::Opening opening;
    opening.tool = "diff";
    opening.task = task;
    opening.env = "DEV";
    opening.principal = bench.principal;
    opening.script = {"json", "{}"};
    auto run = bench.cases().store().begin(bench.case_id, std::move(opening)).value();
    run.write_output("diff." + task + ".json", "data", "json",
                     R"({"left":{"mysql":{}},"right":{"redis":{"key_template":"price:{id}"}},"differences":[
{"key":{"id":"4711"},"verdict":"changed","state":"settled","fields":[{"field":"price","verdict":"stale","left":"12.50","right":"11.00"}]},
{"key":{"id":"4712"},"verdict":"missing_right","state":"settled"}],"complete":true})")
        .value();
    run.seal(evidence::Outcome::answered, {{"summary", "2 differ"}}).value();

    const auto draft =
        answer_of(bench, work::draft_document_tool(bench.work()), {{"kind", "data_correction"}});

    for (const auto* part :
         {"Affected keys (2)", "id 4711: changed, price: mysql 12.50, redis 11.00", "id 4712: only in mysql",
          "casefile runs none", "# DEL price:4711 ", "# nothing to delete: price:4712 is not there",
          "## Verification", "[run 1](../runs/"})
        CHECK_THAT(text_of(draft), Catch::Contains(part));
    CHECK_THAT(refusal_of(bench, work::draft_document_tool(bench.work()),
                          {{"kind", "data_correction"}, {"run", "9"}}),
               Catch::Contains("expected an answered diff"));
}

TEST_CASE("events keep the zone in which they were told, in one order, and nearness is called nearness") {
    ToolBench bench;
    event(bench, "2026-11-22T13:15:00Z", "deploy 1247");
    event(bench, "2026-11-22T15:23:00+01:00", "errors begin", "started");
    event(bench, "2026-11-22T08:30:00-05:00", "campaign");
    event(bench, "2026-11-21T13:00:00Z", "migration the day before");
    event(bench, "2026-11-22T14:30:00Z", "support calls");

    const auto shown =
        answer_of(bench, case_record::timeline_tool(bench.work()), {{"correlate_minutes", 120}});

    std::vector<std::string> texts;
    for (const auto& one : shown.at("events").as_array())
        if (one.at("source") == "chat") texts.emplace_back(one.at("text").as_string());
    CHECK(texts == std::vector<std::string>{"migration the day before", "deploy 1247", "campaign",
                                            "errors begin", "support calls"});
    CHECK(holds_text(shown.at("events"), "2026-11-22T08:30:00-05:00"));
    const auto& nearby = shown.at("nearby").as_array();
    REQUIRE(nearby.size() == 2);
    CHECK(nearby.at(0).at("text") == "campaign");
    CHECK(nearby.at(0).at("before") == "53 min");
    CHECK(nearby.at(1).at("text") == "deploy 1247");
    CHECK(holds_text(shown.at("nearby_means"), "not a cause"));
    ToolBench other;
    CHECK_THAT(refusal_of(other, case_record::timeline_tool(other.work()), {{"correlate_minutes", 60}}),
               Catch::Contains("when it began"));
}
