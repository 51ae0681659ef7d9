// The toolset admin: finding, counting, learning and exporting over the cases of a home.

#include "base/text.h"
#include "cases/inspect_log.h"
#include "cases/told.h"
#include "tests/unit/tools/record_tools.h"
#include "tools/admin/tools.h"
#include "tools/case/tools.h"
#include "tools/work/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

cases::CaseState open_with(ToolBench& bench, const std::string& topic, const std::string& error) {
    cases::CaseFields fields;
    fields.topic = topic;
    fields.severity = "P1";
    fields.tags = std::vector<std::string>{"#database"};
    fields.framing = json::object{{"error_sample", error}};
    return bench.cases().open(fields, bench.principal).value();
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("cases are listed by status, severity and tag") {
    ToolBench bench;
    open_with(bench, "pool exhausted", "x");
    CHECK(answer_of(bench, admin::list_cases_tool(bench.work()), {}).at("cases").as_array().size() == 2);
    const auto tagged =
        answer_of(bench, admin::list_cases_tool(bench.work()), {{"tag", "Database"}, {"severity", "P1"}});
    REQUIRE(tagged.at("cases").as_array().size() == 1);
    CHECK(tagged.at("cases").at(0).at("topic") == "pool exhausted");
    const auto one = answer_of(bench, admin::list_cases_tool(bench.work()), {{"cases_max", 1}});
    CHECK(one.at("truncated") == true);
    CHECK(answer_of(bench, admin::list_cases_tool(bench.work()), {{"status", "closed"}})
              .at("cases")
              .as_array()
              .empty());
}

TEST_CASE("notes are found by words and keys with their runs, and those of a case stay in it") {
    ToolBench bench;
    const auto run = filed_run(bench, "query_mysql", "x");
    answer_of(bench, case_record::write_log_tool(bench.work()),
              {{"kind", "note"},
               {"key", "trace_analysis"},
               {"text", "slow"},
               {"evidence", {run}},
               {"value", {{"bottleneck", "pool.acquire"}, {"root_cause", "pool exhausted"}}}});
    const auto other = open_with(bench, "other", "y");
    answer_of(bench, case_record::write_log_tool(bench.work()),
              {{"case", other.id}, {"kind", "note"}, {"text", "a bottleneck elsewhere"}});

    const auto found = answer_of(bench, admin::search_notes_tool(bench.work()),
                                 {{"case", nullptr}, {"search", "root_cause bottleneck"}});
    REQUIRE(found.at("notes").as_array().size() == 2);
    CHECK(found.at("notes").at(0).at("key") == "trace_analysis");
    CHECK(found.at("notes").at(0).at("evidence") == json::array{json::value(run)});
    const auto here = answer_of(bench, admin::search_notes_tool(bench.work()), {{"search", "bottleneck"}});
    CHECK(here.at("notes").as_array().size() == 1);
    CHECK_THAT(refusal_of(bench, case_record::write_log_tool(bench.work()),
                          {{"kind", "note"}, {"key", "deployment"}, {"text", "x"}, {"value", "v1"}}),
               Catch::Contains("expected a JSON object"));
}

TEST_CASE("no note passes for what a human declined") {
    ToolBench bench;
    CHECK_THAT(refusal_of(bench, case_record::write_log_tool(bench.work()),
                          {{"kind", "decision"},
                           {"key", "declined"},
                           {"text", "STAGING was not confirmed"},
                           {"value", {{"declined", "STAGING"}}}}),
               Catch::Contains("key: 'declined' is kept for what a human answered"));
}

TEST_CASE("statistics count, take the median and list what is overdue and what comes back") {
    ToolBench bench;
    for (const auto* lag : {"lag of 3 minutes", "lag of 9 minutes", "lag of 40 minutes"})
        open_with(bench, "slow", lag);
    answer_of(bench, work::set_action_tool(bench.work()),
              {{"key", "pm"}, {"text", "hold the postmortem"}, {"owner", "Ada"}, {"due", "2020-01-01"}});
    const auto stats = answer_of(bench, admin::get_stats_tool(bench.work()), {{"case", nullptr}});
    CHECK(stats.at("cases") == 4);
    CHECK(stats.at("by_severity").at("P1") == 3);
    CHECK(stats.at("by_status").at("open") == 4);
    CHECK(holds_text(stats.at("overdue"), "hold the postmortem, due 2020-01-01, Ada"));
    REQUIRE(stats.at("recurring").as_array().size() == 1);
    CHECK(stats.at("recurring").at(0).at("signature") == "lag of <n> minutes");

    for (const auto& [name, at] :
         {std::pair("started", "2025-11-14T14:32:00Z"), std::pair("recovered", "2025-11-14T14:55:00Z")})
        answer_of(bench, case_record::timeline_tool(bench.work()),
                  {{"add", {{"at", at}, {"text", name}, {"source", "chat"}, {"milestone", name}}}});
    filed_run(bench, "query_mysql", "x");
    const auto one = answer_of(bench, admin::get_stats_tool(bench.work()), {});
    CHECK(one.at("times").at("to_recover") == "23 min");
    CHECK(one.at("runs") == 1);
    CHECK(one.at("evidence_bytes").as_int64() > 0);
    const auto state = bench.cases().find(bench.case_id, bench.principal).value();
    const auto log = cases::render_inspect_log(state, bench.cases().key_of(state));
    CHECK(one.at("log_tokens") == static_cast<std::int64_t>(token_estimate(log.size())));
    CHECK(
        answer_of(bench, admin::get_stats_tool(bench.work()), {{"case", nullptr}}).at("median_to_recover") ==
        "23 min");
}

TEST_CASE("a pattern that was saved is found by the next case with the same error") {
    ToolBench bench;
    const auto first = open_with(bench, "payments fail", "pool exhausted: 10 of 10 in use");
    CHECK_THAT(refusal_of(bench, admin::save_pattern_tool(bench.work()), {{"case", first.id}}),
               Catch::Contains("no root cause"));
    const auto saved = answer_of(bench, admin::save_pattern_tool(bench.work()),
                                 {{"case", first.id}, {"cause", "a new job"}, {"fix", "pools of their own"}});
    CHECK(saved.at("signature") == "pool exhausted: <n> of <n> in use");

    const auto found = answer_of(bench, admin::find_similar_tool(bench.work()),
                                 {{"case", nullptr}, {"error", "pool exhausted: 50 of 50 in use"}});
    REQUIRE(found.at("cases").as_array().size() == 1);
    CHECK(found.at("cases").at(0).at("case") == json::value(first.id));
    CHECK(found.at("cases").at(0).at("same_signature") == true);
    CHECK(found.at("cases").at(0).at("fix") == "pools of their own");

    const auto opened =
        answer_of(bench, case_record::open_case_tool(bench.work()),
                  {{"topic", "again"}, {"framing", {{"error_sample", "pool exhausted: 7 of 7 in use"}}}});
    CHECK(holds_text(opened.at("similar"), "pools of their own"));
}

TEST_CASE("a case that is resolved proposes its pattern, and one that is closed leaves a runbook") {
    ToolBench bench;
    const auto id = open_with(bench, "payments fail", "pool exhausted: 10 of 10 in use").id;
    const auto run = filed_run(bench, "query_mysql", "x");
    answer_of(bench, case_record::update_case_tool(bench.work()),
              {{"case", id}, {"status", "resolved"}, {"root_cause", "a new job took the connections"}});
    const auto proposed = *cases::newest_with_key(bench.cases().find(id, bench.principal).value(), "pattern");
    CHECK(proposed.state == "proposed");
    CHECK(proposed.text == "pool exhausted: <n> of <n> in use");
    CHECK(cases::member_of(proposed, "cause") == "a new job took the connections");

    answer_of(bench, admin::save_pattern_tool(bench.work()), {{"case", id}, {"fix", "pools of their own"}});
    answer_of(bench, case_record::update_case_tool(bench.work()), {{"case", id}, {"status", "closed"}});
    const auto state = bench.cases().find(id, bench.principal).value();
    CHECK(cases::newest_with_key(state, "pattern")->state.empty());
    CHECK(std::any_of(state.drafts.begin(), state.drafts.end(),
                      [](const auto& draft) { return string_or(draft, "kind") == "runbook"; }));
    CHECK(text_of(bench.cases().store().case_folder(id) / "drafts" / "runbook.md").find("a new job") !=
          std::string::npos);
    // Nothing is left twice, and nothing by a change of another field.
    answer_of(bench, case_record::update_case_tool(bench.work()), {{"case", id}, {"tags", {"pool"}}});
    CHECK(bench.cases().find(id, bench.principal).value().drafts.size() == state.drafts.size());
}

TEST_CASE("the project pack keeps the names, and the global one is refused while one is left") {
    ToolBench bench;
    cases::CaseFields fields;
    fields.env = "PROD";
    fields.entity_ids = json::object{{"order", {"4711"}}};
    fields.root_cause =
        "price-projector stopped, so orders of shop.orders kept price:4711 on PROD; 884711 rows, told to "
        "ann@example.com by 10.20.30.40 with token=abcDEF123456";
    bench.cases().update(bench.case_id, fields, bench.principal).value();
    filed_run(bench, "query_mysql", "x", {{"sql", "SELECT * FROM shop.orders JOIN `prices` USING (id)"}});
    filed_run(bench, "read_redis", "x", {{"commands", json::array{json::array{"GET", "price:4711"}}}});
    filed_run(bench, "describe_mysql", "x", {{"table", "no_such_table"}}, evidence::Outcome::failed);
    filed_run(bench, "read_redis", "x", {{"commands", json::array{json::array{"GET", "Cart:AbC"}}}});
    filed_run(bench, "kafka_lag", "x", {{"groups", {"price-projector"}}, {"topics", {"price-changes"}}});
    cases::Grant grant;
    grant.env = "PROD";
    grant.principal = bench.principal;
    grant.confirmed_by = "a tester";
    grant.how = "form";
    grant.expires_at = "2026-11-23T00:00:00Z";
    grant.variables = {{"MYSQL_PROD_URL", "127.0.0.1:3307/shop_test as price_reader"}};
    bench.cases().give(bench.case_id, grant, bench.principal).value();
    // Names that no argument told, only an answer.
    filed_lag(bench, R"({"groups":[{"group":"refunder","verdict":"STOPPED"}],
        "partitions":[{"group":"refunder","topic":"refund-events","state":"STOPPED"}]})");

    const auto packs = answer_of(bench, admin::learn_tool(bench.work()), {});

    const auto project = std::string(packs.at("project").as_string());
    const auto global = lower(packs.at("global").as_string());
    CHECK(project.find("no_such_table") == std::string::npos);
    CHECK_THAT(packs.at("note").as_string().c_str(), Catch::Contains("names of people"));
    for (const auto* name :
         {"orders", "prices", "price-projector", "price-changes", "price:4711", "Cart:AbC"}) {
        INFO(name);
        CHECK_THAT(project, Catch::Contains(name) || Catch::Contains(markdown_text(name)));
    }
    for (const auto* name : {"4711", "prod", "orders", "prices", "price-projector", "price-changes", "884711",
                             "ann@example.com", "10.20.30.40", "abcdef123456", "no_such_table"}) {
        INFO(name);
        CHECK(global.find(name) == std::string::npos);
    }
    CHECK_THAT(global, Catch::Contains("kafka_lag on <environment>") || Catch::Contains("kafka_lag"));
    const auto& home = bench.cases().store().home();
    CHECK(std::filesystem::exists(home / "learn" / "project" / (bench.case_id + ".md")));

    for (const auto* planted : {"look at order 4711", "the ORDERS table", "group price-projector.",
                                "on PROD,", "topic refund-events", "refunder stopped", "at 127.0.0.1:3307",
                                "the schema shop_test.", "as price_reader"})
        CHECK_THAT(refusal_of(bench, admin::learn_tool(bench.work()), {{"global", planted}}),
                   Catch::Contains("still holds"));
    const auto rewritten = answer_of(bench, admin::learn_tool(bench.work()),
                                     {{"global", "When <group-1> stops, <table-1> and the cache differ."}});
    CHECK(text_of(std::string(rewritten.at("global_file").as_string())).find("<group-1>") !=
          std::string::npos);
}

TEST_CASE("the incident page goes into the configured folder alone, and keeps what stood there") {
    ToolBench bench;
    CHECK_THAT(refusal_of(bench, admin::export_page_tool(bench.work()), {}),
               Catch::Contains("no folder is configured"));
    TemporaryFolder pages;
    bench.work().pages_folder = pages.path();
    cases::CaseFields fields;
    fields.severity = "P1";
    fields.tags = std::vector<std::string>{"connection-pool"};
    bench.cases().update(bench.case_id, fields, bench.principal).value();
    answer_of(
        bench, case_record::write_log_tool(bench.work()),
        {{"kind", "note"}, {"key", "metrics_snapshot"}, {"text", "x"}, {"value", {{"error_rate", "15%"}}}});
    const auto first = answer_of(bench, admin::export_page_tool(bench.work()), {});
    const auto file = pages.path() / ("Incident " + bench.case_id + ".md");
    REQUIRE(std::filesystem::exists(file));
    const auto page = text_of(file);
    for (const auto* part :
         {"# Incident INC-", "**Status:** Active", "**Severity:** P1", "**Started:** 2026-11-22 14:00:00 UTC",
          "**Duration:** ongoing", "## Summary", "## Impact", "## Root Cause (Preliminary)", "## Timeline",
          "## Next Steps", "## Metrics", "15%", "#incident #p1 #connection-pool"}) {
        INFO(part);
        CHECK(page.find(part) != std::string::npos);
    }
    CHECK(first.at("versions") == 1);

    fields = {};
    fields.status = "resolved";
    bench.cases().update(bench.case_id, fields, bench.principal).value();
    CHECK(answer_of(bench, admin::export_page_tool(bench.work()), {}).at("versions") == 2);
    const auto after = text_of(file);
    CHECK_THAT(after, Catch::Contains("**Status:** Resolved") && Catch::Contains("#incident-resolved") &&
                          Catch::Contains("## Post-Mortem Actions") && Catch::Contains("## History"));
    CHECK(text_of(pages.path() / "history" / ("Incident " + bench.case_id + ".1.md")) == page);
    for (const auto& one : std::filesystem::directory_iterator(pages.path()))
        CHECK((one.path() == file || one.path().filename() == "history"));
}

TEST_CASE("a pack that casefile generates is kept, whatever the keys of the case are called") {
    ToolBench bench;
    filed_run(bench, "read_redis", "read",
              {{"commands",
                json::array{json::array{"GET", "cache:product:1014"}, json::array{"GET", "queue:orders"}}}});
    const auto packs = answer_of(bench, admin::learn_tool(bench.work()), {});
    const auto text = std::string(packs.at("global").as_string());
    CHECK_THAT(text, Catch::Contains("the cache, then the queue"));
    // Taken over by whoever adds a line to it, which is looked at.
    answer_of(bench, admin::learn_tool(bench.work()), {{"global", text + "- [ ] Was the reader told?\n"}});
    CHECK_THAT(
        refusal_of(bench, admin::learn_tool(bench.work()), {{"global", text + "- [ ] Is product stale?\n"}}),
        Catch::Contains("product"));
}
