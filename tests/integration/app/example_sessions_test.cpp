// The other examples of the documents that casework was made from: wrong data from the first question to what
// is learned, and a debug session from the two specialists to the recovery.

#include <cmath>

#include "sandbox/redis_client.h"
#include "tests/integration/app/session.h"

using namespace casefile;
using mcp::StdioClientOptions;

namespace {

/// A table and a cache that was not told of one change.
void plant_prices() {
    auto& servers = TestServers::get();
    auto admin =
        sandbox::MariadbClient::connect(servers.mariadb.port, "admin", servers.mariadb.admin_password);
    REQUIRE(admin);
    for (const auto* statement :
         {"CREATE TABLE casefile_test.prices (id INT PRIMARY KEY, price DECIMAL(10,2))",
          "INSERT INTO casefile_test.prices VALUES (4711, 12.50), (4712, 8.00), (4713, 3.20)"})
        REQUIRE(admin->execute(statement));
    auto cache = sandbox::RedisClient::connect(servers.redis.port, servers.redis.password);
    REQUIRE(cache);
    for (const auto& [id, price] : {std::pair("4711", "11.00"), std::pair("4712", "8.00")})
        REQUIRE(cache->run({"SET", std::string("price:") + id, std::string(R"({"price":)") + price + "}"}));
}

std::string run_of(const json::object& answer) { return std::string(answer.at("run").at("id").as_string()); }

}  // namespace

TEST_CASE("wrong data that a teammate reports, from the first questions over every store to both packs") {
    plant_prices();
    TemporaryFolder folder;
    Session session(folder.path() / "home", {}, StdioClientOptions::Era::handshake);
    // The four things that the prompt asks for first.
    session.open({{"topic", "an order was billed at an old price"}});
    const auto asked = session.call("get_case", {}).at("questions").as_array();
    CHECK(asked.size() == 4);
    session.call(
        "update_case",
        {{"env", "DEV"},
         {"entity_ids", {{"article", {"4711"}}}},
         {"time_window", {{"start", "2026-11-22T14:00:00+01:00"}, {"timezone", "+01:00"}}},
         {"symptoms", {{"expected", "id,price\n4711,12.50\n"}, {"actual", "id,price\n4711,11.00\n"}}}});
    CHECK(session.call("get_case", {}).at("questions").as_array().empty());
    CHECK_THAT(session.prompt("investigate"), Catch::Contains("Never guess an environment") &&
                                                  Catch::Contains("Propose a plan as a checklist") &&
                                                  Catch::Contains("article 4711"));

    // Fingerprints first, then the database, the cache and the queue, one small question a run.
    session.call("fingerprint", {{"env", "DEV"}});
    session.call("set_hypothesis", {{"key", "cache"},
                                    {"text", "the cache was not told of the change"},
                                    {"rank", 1},
                                    {"confirms", "row and entry differ"},
                                    {"refutes", "row and entry agree"}});
    const auto row = run_of(session.call(
        "query_mysql",
        {{"sql", "SELECT id, price FROM prices WHERE id = ?"}, {"params", {"4711"}}, {"task", "row"}}));
    session.call("read_redis",
                 {{"commands", json::array{json::array{"GET", "price:4711"}}}, {"task", "entry"}});
    session.call("kafka_lag", {{"task", "lag"}});
    // Differences before dumps: what was expected against the row, and all rows against all entries.
    const auto expected = session.call(
        "diff", {{"left", {{"symptom", "expected"}}},
                 {"right", {{"mysql", {{"sql", "SELECT id, price FROM prices WHERE id = 4711"}}}}},
                 {"key", {"id"}},
                 {"task", "expected"}});
    CHECK(expected.at("counts").at("changed") == 0);
    const auto found =
        session.call("diff", {{"left", {{"mysql", {{"sql", "SELECT id, price FROM prices"}}}}},
                              {"right", {{"redis", {{"key_template", "price:{id}"}, {"type", "json"}}}}},
                              {"key", {"id"}}});
    CHECK(found.at("counts").at("changed") == 1);
    CHECK(found.at("counts").at("missing_right") == 1);
    const auto diff = run_of(found);
    session.call("set_hypothesis", {{"key", "cache"}, {"state", "supported"}, {"evidence", {diff, row}}});
    session.call("write_log",
                 {{"kind", "finding"}, {"text", "one entry of three is stale"}, {"evidence", {diff}}});
    session.call("update_case",
                 {{"status", "identified"}, {"root_cause", "the cache was not told, " + diff}});
    session.note("workaround", {}, "read the price from the database", {row});
    session.note("eta", {}, "today at six");
    session.note("data_correction", {}, "delete the stale entry", {diff});
    session.note("detection_gap", {}, "nobody compares the two");
    session.call(
        "set_action",
        {{"key", "compare"}, {"text", "compare each night"}, {"owner", "Ada"}, {"due", "2026-12-01"}});
    CHECK(holds(session.call("set_impact", {{"blast_radius", {"billing"}}}).at("blast_radius"),
                "billing, table prices, keys price:{id}"));

    // Two write-ups with nothing open, the correction, and what is learned, with and without names.
    const auto teammate = session.call("draft_postmortem", {{"kind", "teammate"}});
    CHECK(teammate.at("uncited").as_array().empty());
    CHECK(teammate.at("missing").as_array().empty());
    const auto leader = session.call("draft_postmortem", {{"kind", "leader"}});
    CHECK_FALSE(holds(leader.at("missing"), "action"));
    const auto correction = session.call("draft_document", {{"kind", "data_correction"}});
    for (const auto* part :
         {"Affected keys (2)", "id 4711: changed", "id 4713: only in mysql", "# DEL price:4711"})
        CHECK(holds(correction.at("text"), part));
    const auto packs = session.call("learn", {});
    CHECK(holds(packs.at("project"), "prices"));
    for (const auto* name : {"prices", "4711", "DEV", "casefile_test"})
        CHECK_FALSE(holds(packs.at("global"), name));
    CHECK(session.call("verify_evidence", {}).at("ok") == true);
}

TEST_CASE("a debug session of two specialists, from one sentence to a recovery that is shown") {
    TemporaryFolder folder;
    Session session(folder.path() / "home", {}, StdioClientOptions::Era::modern);
    session.open(
        {{"topic", "API returns 500 errors, customers cannot complete purchases"},
         {"env", "DEV"},
         {"severity", "P1"},
         {"entity_ids", {{"service", {"payment"}}}},
         {"time_window", {{"start", "2026-11-22T13:30:00Z"}}},
         {"symptoms", {{"expected", "below 0.1 % errors"}, {"actual", "23.7 % errors"}}},
         {"framing",
          {{"changes",
            {"marketing mail at 13:30", "a job that handles mail", "last deployment: 3 days ago"}}}}});
    CHECK_THAT(session.prompt("debug_production"), Catch::Contains("correlate_minutes"));
    for (const auto* name : {"specialist_devops", "timeline_method"})
        CHECK_THAT(session.prompt(name), Catch::Contains("marketing mail at 13:30"));

    // Health, as far as casefile reads it, and what a person told of the rest.
    const auto health = run_of(session.call("fingerprint", {{"env", "DEV"}, {"health", true}}));
    session.event("2026-11-22T13:30:00Z", "Marketing mail sent", "started");
    session.event("2026-11-22T13:35:00Z", "23 tickets opened", "detected");
    session.note("error_pattern", {}, "the pool is at its limit in every error", {health});
    session.call("set_impact",
                 {{"figures",
                   {{{"name", "Failed transactions"}, {"amount", 1247}, {"estimate", "the last hour"}},
                    {{"name", "Revenue at risk"}, {"amount", 47200}, {"unit", "USD"}, {"estimate", "carts"}},
                    {{"name", "Complaints"}, {"amount", 23}, {"estimate", "tickets"}},
                    {{"name", "Partner warnings"}, {"amount", 1}, {"estimate", "payment processor"}}}}});
    session.call("set_hypothesis",
                 {{"key", "pool"}, {"text", "mail jobs hold the connections"}, {"rank", 1}});
    session.call("set_hypothesis", {{"key", "pool"}, {"state", "supported"}, {"evidence", {health}}});
    session.call("update_case",
                 {{"status", "identified"}, {"root_cause", "mail jobs took the connections of payments"}});
    for (const auto& [key, text] :
         {std::pair("scale", "pool from 25 to 75"), std::pair("pause", "pause mail jobs")})
        session.call("set_action",
                     {{"key", key}, {"text", text}, {"horizon", "immediate"}, {"state", "done"}});
    session.call("set_action",
                 {{"key", "plan"}, {"text", "plan capacity for campaigns"}, {"horizon", "long"}});

    // Recovery: a run first, then before and after.
    const auto again = session.look("SELECT 0.3 AS error_percent", "recheck");
    session.note("recheck", {}, "0.3 % errors", {again});
    session.note("recovery", {{"recovered_at", "2026-11-22T14:15:00Z"}}, "error rate 23.7 to 0.3 %", {again});
    const auto levels =
        session.call("compute_slo", {{"before_after",
                                      {{{"name", "Error rate"}, {"before", 23.7}, {"after", 0.3}},
                                       {{"name", "Response time"}, {"before", 8.2}, {"after", 1.4}},
                                       {{"name", "Success"}, {"before", 76}, {"after", 99.2}}}},
                                     {"evidence", {again}}});
    for (const auto* line : {"factor 79", "factor 5.9", "grew by factor 1.3"})
        CHECK(holds(levels.at("lines"), line));
    const auto resolved = session.call("update_case", {{"status", "resolved"}});
    CHECK((!resolved.contains("warnings") || resolved.at("warnings").as_array().empty()));
    CHECK(session.call("get_stats", {}).at("times").at("to_recover") == "45 min");

    const auto text =
        std::string(session.call("draft_document", {{"kind", "report_text"}}).at("text").as_string());
    for (const auto* part :
         {"ROOT CAUSE IDENTIFIED:\nmail jobs took the connections", "13:30 - Marketing mail sent",
          "Failed transactions: ~1,247", "Revenue at risk: ~USD 47,200.00", "RECOVERY VALIDATION",
          "error rate 23.7 to 0.3 % [run", "Error rate: 23.7 → 0.3", "☑ pause mail jobs",
          "□ plan capacity for campaigns"})
        CHECK_THAT(text, Catch::Contains(part));
    CHECK(session.call("verify_evidence", {}).at("ok") == true);
}
