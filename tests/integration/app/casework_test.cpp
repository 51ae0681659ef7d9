// Whole investigations through an MCP client: from the first sentence to the documents, over real servers.

#include <regex>

#include "tests/integration/app/session.h"

using namespace casefile;
using mcp::StdioClientOptions;

TEST_CASE("an elevated error rate, from the alert over three stages to a resolved case and its documents") {
    TemporaryFolder folder;
    Session session(folder.path() / "home", {}, StdioClientOptions::Era::modern);
    session.open(
        {{"topic", "API error rate above 5 %"},
         {"env", "DEV"},
         {"severity", "p1_high"},
         {"entity_ids", {{"endpoint", {"/api/workflows/execute"}}}},
         {"time_window",
          {{"start", "2025-11-14T14:32:00Z"}, {"end", "2025-11-14T14:55:00Z"}, {"timezone", "UTC"}}},
         {"symptoms", {{"expected", "below 0.1 % errors"}, {"actual", "15 % of requests fail with 500"}}},
         {"framing",
          {{"alert", "APIErrorRateHigh"},
           {"service", "workflows-api"},
           {"status_code", "500"},
           {"error_sample", "Database connection timeout after 5000 ms"}}}});
    CHECK(session.questions.empty());

    // Stage 1: detect.
    session.event("2025-11-14T14:32:00Z", "Alert fired (error rate > 5%)", "started");
    session.event("2025-11-14T14:33:00Z", "Observability has it", "detected");
    session.note("alert_details", {{"alert_name", "APIErrorRateHigh"}}, "alert");
    const auto rates = session.look("SELECT 225 AS errors, 1500 AS requests", "rates");
    session.note("metrics_snapshot", {{"error_rate", "225/min"}, {"p95", "2.5s"}}, "metrics", {rates});
    const auto shares = session.call("compute_slo", {{"counts",
                                                      {{{"name", "timeouts"}, {"count", 180}},
                                                       {{"name", "memory"}, {"count", 30}},
                                                       {{"name", "other"}, {"count", 15}}}}});
    CHECK(holds(shares.at("lines"), "timeouts: 180, 80 %"));
    session.note("log_analysis", {{"primary_error", "Database connection timeout"}}, "logs");
    session.note("trace_analysis", {{"bottleneck", "connection_pool.acquire"}}, "traces");
    session.call("set_hypothesis", {{"key", "h1"},
                                    {"text", "the connection pool is exhausted"},
                                    {"rank", 1},
                                    {"probability", 0.8},
                                    {"confirms", "all connections in use"},
                                    {"refutes", "free connections during errors"}});
    const auto handed = session.call("hand_off", {{"to", "backend"}, {"text", "look at the pool"}});
    CHECK(holds(handed.at("note"), "the connection pool is exhausted"));
    CHECK_THAT(session.prompt("persona_backend"), Catch::Contains("look at the pool"));

    // Stage 2: diagnose.
    const auto pool = session.look("SELECT 10 AS used, 10 AS maximum", "pool");
    const auto analysis =
        session.call("record_analysis",
                     {{"model", "test"},
                      {"tokens", 6000},
                      {"analysis",
                       {{"root_cause", "the pool of 10 connections is exhausted at three times the load"},
                        {"confidence", 0.9},
                        {"because", {{{"claim", "10 of 10 in use"}, {"runs", {pool}}}}},
                        {"contributing_factors", {"traffic grew to three times the normal"}},
                        {"fixes", {{{"title", "Database connection pool exhaustion"}, {"risk", "low"}}}}}}});
    CHECK(analysis.at("status") == "identified");
    session.call("set_hypothesis", {{"key", "h1"}, {"state", "supported"}, {"evidence", {pool}}});
    session.event("2025-11-14T14:40:00Z", "Root cause identified: connection pool exhaustion", "identified");
    session.note("reproduction", {{"local", "40 of 50 fail"}}, "80 % of 50 concurrent calls fail");
    const auto fix = session.call("record_fix", {{"key", "database-connection-pool-exhaustion"},
                                                 {"description", "maxPoolSize from 10 to 50"},
                                                 {"patch", "--- a/pool\n+++ b/pool\n@@ -1 +1 @@\n-10\n+50\n"},
                                                 {"fails_before", rates},
                                                 {"passes_after", pool},
                                                 {"state", "validated"}});
    CHECK(fix.at("warnings").as_array().empty());
    session.event("2025-11-14T14:48:00Z", "Fix implemented and tested", "fixed");
    session.call("set_action", {{"key", "breaker"}, {"text", "circuit breaker"}, {"horizon", "short"}});
    const auto pull = session.call("draft_document", {{"kind", "pull_request"}});
    for (const auto* part :
         {"## Incident", "## Root cause", "## Fix", "## Testing", "## Deployment plan", "## Approval",
          "hotfix/database-connection-pool-exhaustion", "Labels: hotfix, p1, incident"})
        CHECK(holds(pull.at("text"), part));
    CHECK(std::filesystem::exists(std::string(pull.at("patch_file").as_string())));
    session.call("hand_off", {{"to", "devops"}});

    // Stage 3: deploy, by people; verify.
    session.call("record_fix",
                 {{"key", "database-connection-pool-exhaustion"}, {"link", "https://git.example/pull/7"}});
    session.note("deployment", {{"version", "hotfix-v1.2.3"}, {"deployed_at", "2025-11-14T14:50:00Z"}},
                 "deployed");
    CHECK(holds(session.call("update_case", {{"status", "resolved"}}).at("warnings"),
                "symptom was not checked again"));
    session.call("update_case", {{"status", "investigating"}});
    const auto again = session.look("SELECT 0.05 AS error_percent", "recheck");
    session.note("recheck", {}, "the error rate is 0.05 %", {again});
    session.note("recovery", {{"recovered_at", "2025-11-14T14:55:00Z"}, {"final_error_rate", "0.05%"}},
                 "back to normal", {again});
    session.event("2025-11-14T14:55:00Z", "RESOLVED, error rate < 0.1%", "recovered");
    const auto resolved =
        session.call("update_case", {{"status", "resolved"}, {"tags", {"connection-pool"}}});
    CHECK((!resolved.contains("warnings") || resolved.at("warnings").as_array().empty()));

    const auto impact = session.call(
        "set_impact",
        {{"figures",
          {{{"name", "Users affected"}, {"rate", 350}, {"unit", "users"}, {"estimate", "from the load"}},
           {{"name", "Failed requests"}, {"rate", 225}, {"unit", "requests"}, {"evidence", {rates}}},
           {{"name", "Revenue"},
            {"rate", 450},
            {"per", "hour"},
            {"unit", "USD"},
            {"estimate", "average order"}}}}});
    for (const auto* figure : {"8,050 users", "5,175 requests", "USD 172.50"})
        CHECK(holds(impact.at("figures"), figure));
    const auto recovery =
        session.call("compute_slo", {{"before_after",
                                      {{{"name", "Error rate"}, {"before", 15}, {"after", 0.05}},
                                       {{"name", "p95"}, {"before", 2.5}, {"after", 0.32}}}},
                                     {"rto_minutes", 60}});
    for (const auto* line : {"factor 300", "factor 7.8", "Time to recover: 23 min, target 60 min: met"})
        CHECK(holds(recovery.at("lines"), line));
    CHECK(session.call("get_stats", {}).at("times").at("to_recover") == "23 min");
    CHECK(holds(session.call("get_case", {}).at("toolset"), "admin"));

    // What a case ends in.
    const auto boxes =
        std::string(session.call("draft_document", {{"kind", "report_text"}}).at("text").as_string());
    for (const auto* line : {"14:32 - Alert fired (error rate > 5%)", "14:55 - RESOLVED, error rate < 0.1%",
                             "Duration: 23 min", "┌─ Impact assessment", "□ circuit breaker"})
        CHECK_THAT(boxes, Catch::Contains(line));
    for (const auto* kind : {"teammate", "leader", "postmortem", "report"}) {
        const auto draft = session.call("draft_postmortem", {{"kind", kind}});
        CHECK(holds(draft.at("text"), "head `"));
    }
    CHECK(holds(session.call("update_case", {{"status", "closed"}}).at("warnings"), "learn pack"));
    session.call("update_case", {{"status", "investigating"}});
    session.call("update_case", {{"status", "resolved"}});
    session.call("learn", {});
    session.call("save_pattern", {});
    const auto closed = session.call("update_case", {{"status", "closed"}});
    CHECK((!closed.contains("warnings") || closed.at("warnings").as_array().empty()));
    CHECK(session.call("verify_evidence", {}).at("ok") == true);

    // The next one with that error begins with what was learned.
    const auto next = session.call(
        "open_case", {{"topic", "slow again"},
                      {"env", "DEV"},
                      {"entity_ids", {{"x", "1"}}},
                      {"time_window", {{"start", "2025-12-01T10:00:00Z"}}},
                      {"symptoms", {{"expected", "a"}, {"actual", "b"}}},
                      {"framing", {{"error_sample", "Database connection timeout after 30 ms"}}}});
    CHECK(holds(next.at("similar"), session.id()));
}

TEST_CASE("a client that can ask puts what is missing to the human, and the answers reach every input file") {
    const json::object answers{{"env", "DEV"},
                               {"entity_ids", "order 4711, user 7"},
                               {"start", "2026-11-24T14:00:00+01:00"},
                               {"timezone", "Europe/Berlin"},
                               {"expected", "12.50"},
                               {"actual", "11.00"}};
    for (const auto era : {StdioClientOptions::Era::modern, StdioClientOptions::Era::handshake}) {
        TemporaryFolder folder;
        Session session(folder.path() / "home", answers, era);
        session.open({{"topic", "old prices on the order page"}});
        REQUIRE(session.questions.size() == 1);
        CHECK_THAT(session.questions[0].message, Catch::Contains("old prices on the order page"));
        const auto brief = session.call("get_case", {});
        CHECK(brief.at("questions").as_array().empty());
        CHECK(brief.at("fields").at("entity_ids").at("order").at(0) == "4711");

        const auto run = session.call("query_mysql", {{"sql", "SELECT 1"}, {"task", "look"}}).at("run");
        std::ifstream in(std::filesystem::path(std::string(run.at("folder").as_string())) /
                         "look.input.json");
        const std::string input((std::istreambuf_iterator<char>(in)), {});
        for (const auto* told : {"Europe/Berlin", "4711", "2026-11-24T14:00:00+01:00"})
            CHECK_THAT(input, Catch::Contains(told));
    }
}

TEST_CASE("a checkout that fails for one request in ten, from framing through the funnel to prevention") {
    TemporaryFolder folder;
    Session session(folder.path() / "home", {}, StdioClientOptions::Era::handshake);
    session.open(
        {{"topic", "500 errors on POST /api/checkout"},
         {"env", "DEV"},
         {"entity_ids", {{"cart", {"17"}}}},
         {"time_window", {{"start", "2026-11-24T14:00:00+01:00"}, {"timezone", "Europe/Berlin"}}},
         {"symptoms", {{"expected", "the order is placed"}, {"actual", "payment failed"}}},
         {"framing",
          {{"since", "2026-11-24T14:00:00+01:00"},
           {"frequency", "10 % of requests"},
           {"reported_by", "payment failed"},
           {"changes", {"payment SDK v2.3 to v2.5", "inventory validation", "order creation rewritten"}},
           {"error_sample",
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 67\nasyncio.TimeoutError"},
           {"checked", {"database connections", "provider", "servers"}}}}});
    session.call("set_plan", {{"stage", "wide"},
                              {"steps",
                               {{{"id", "sizes"}, {"title", "sizes of carts"}, {"tools", {"query_mysql"}}},
                                {{"id", "cause"}, {"title", "time for each size"}, {"after", {"sizes"}}}}}});
    session.call("set_hypothesis", {{"key", "h1"},
                                    {"text", "one inventory call for each item"},
                                    {"rank", 1},
                                    {"probability", 0.6},
                                    {"confirms", "time grows with the cart"},
                                    {"refutes", "small carts fail as often"}});
    session.call("set_hypothesis", {{"key", "h2"},
                                    {"text", "the new SDK"},
                                    {"rank", 2},
                                    {"probability", 0.3},
                                    {"refutes", "failures without a payment"}});
    for (const auto& [name, argument] :
         {std::pair("stack_trace", "trace"), std::pair("intermittent", "percent")})
        CHECK_FALSE(session.prompt(name).empty());
    CHECK_THAT(session.prompt("stuck"), Catch::Contains("one inventory call for each item"));
    for (const auto* at : {"2026-11-24T13:00:00Z", "2026-11-24T12:50:00Z"}) session.event(at, "deployment");
    CHECK(session.call("timeline", {{"correlate_minutes", 60}}).at("nearby").as_array().size() == 2);

    // 5 to 7 items of 1.5 s each, against a timeout of 5 s.
    const auto sizes = session.look("SELECT 5 * 1.5 AS least, 7 * 1.5 AS most, 5 AS timeout", "sizes");
    CHECK(session.call("set_plan", {}).at("steps").at(0).at("state") == "done");
    CHECK(holds(session.call("set_plan", {{"stage", "fix"}}).at("warnings"), "no hypothesis is supported"));
    session.call("set_hypothesis", {{"key", "h2"}, {"state", "refuted"}, {"evidence", {sizes}}});
    session.call("set_hypothesis", {{"key", "h1"}, {"state", "supported"}, {"evidence", {sizes}}});
    session.note(
        "reproduction",
        {{"local", "no"}, {"staging", "no: carts of 1 or 2 items"}, {"conditions", "4 items and more"}},
        "needs large carts", {sizes});
    session.call("update_case",
                 {{"status", "identified"}, {"root_cause", "one call for each item of a cart, " + sizes}});
    session.call("record_fix", {{"key", "batch"},
                                {"title", "one call for all items"},
                                {"old", "a call an item"},
                                {"new", "one batch"},
                                {"rationale", "time no longer grows"},
                                {"risk", "batches above 50"},
                                {"safety", "fallback, log, metric"}});
    session.call("set_action", {{"key", "review"},
                                {"text", "review item: no call in a loop"},
                                {"horizon", "long"},
                                {"owner", "Ada"},
                                {"due", "2026-12-08"}});
    session.note("went_well", {}, "the trace named the call");
    session.note("went_wrong", {}, "staging has small carts");
    session.note("lesson", {}, "measure with the sizes of production");
    const auto prevention = session.call("draft_document", {{"kind", "prevention"}});
    for (const auto* part : {"1. Code-review item", "2. Requirements for staging data",
                             "3. A simple performance test", "no call in a loop"})
        CHECK(holds(prevention.at("text"), part));
    const auto postmortem = session.call("draft_postmortem", {{"kind", "postmortem"}});
    CHECK(postmortem.at("uncited").as_array().empty());
    CHECK(holds(postmortem.at("text"), "staging has small carts"));
    CHECK(session.call("verify_evidence", {}).at("ok") == true);
}

TEST_CASE("a payment pool at its limit, seen by two specialists, ends in the report in boxes") {
    TemporaryFolder folder;
    Session session(folder.path() / "home", {}, StdioClientOptions::Era::modern);
    session.open({{"topic", "customers cannot complete purchases"},
                  {"env", "DEV"},
                  {"severity", "critical"},
                  {"entity_ids", {{"service", {"payment"}}}},
                  {"time_window", {{"start", "2026-11-22T14:23:00Z"}}},
                  {"symptoms", {{"expected", "below 0.1 % errors"}, {"actual", "12.3 % errors"}}}});
    CHECK(session.call("next_step", {}).at("next") == "0.1 Communicate first");
    session.call("draft_document", {{"kind", "comms_internal_first"}});
    session.note("page", {}, "everybody is in the channel");
    CHECK(session.call("next_step", {}).at("next") == "1.1 Alert triage");
    CHECK_THAT(session.prompt("specialist_devops"),
               Catch::Contains("DATABASE HEALTH") && Catch::Contains(session.id()));
    CHECK_THAT(session.prompt("specialist_sre"), Catch::Contains("ERROR BUDGET"));

    session.event("2026-11-22T13:15:00Z", "Deploy 1247");
    session.event("2026-11-22T14:23:00Z", "Payment API error rate increases to 12%", "started");
    session.event("2026-11-22T14:45:00Z", "Investigation begins", "recovered");
    const auto pool = session.look("SELECT 50 AS used, 50 AS maximum, 35 AS background", "pool");
    const auto levels = session.call(
        "compute_slo", {{"target_percent", 99.9},
                        {"indicators",
                         {{{"name", "Availability"}, {"value", 98.7}, {"target", 99.9}, {"better", "higher"}},
                          {{"name", "Response time"}, {"value", 8.2}, {"target", 2}}}}});
    CHECK(levels.at("budget_minutes") == "43.8");
    CHECK(levels.at("used_minutes") == "22");
    CHECK(levels.at("left_minutes") == "21.8");
    CHECK(levels.at("all_met") == false);
    session.call(
        "set_impact",
        {{"figures",
          {{{"name", "Failed transactions"}, {"amount", 234}, {"evidence", {pool}}},
           {{"name", "Revenue"}, {"amount", 18600}, {"unit", "USD"}, {"estimate", "failed orders"}}}},
         {"blast_radius", {"payment", "checkout"}}});
    session.call("write_log", {{"kind", "finding"},
                               {"key", "root_cause"},
                               {"text", "the pool of the payment service is exhausted"},
                               {"evidence", {pool}}});
    for (const auto& [key, horizon] :
         {std::pair("raise", "immediate"), std::pair("alerts", "short"), std::pair("split", "long")})
        session.call("set_action", {{"key", key}, {"text", key}, {"horizon", horizon}});

    const auto text =
        std::string(session.call("draft_document", {{"kind", "report_text"}}).at("text").as_string());
    for (const auto* part :
         {"the pool of the payment service is exhausted [run",
          "14:23 - Payment API error rate increases to 12%", "Duration: 22 min", "Failed transactions: 234",
          "USD 18,600.00", "Error budget: 43.8 min, used 22 min", "Immediate (0-2 h)", "Short term (2-24 h)",
          "Long term (1-4 weeks)", "□ split"})
        CHECK_THAT(text, Catch::Contains(part));
    CHECK(session.call("verify_evidence", {}).at("ok") == true);
}
