// Health: what is worked out from what the servers tell, and what is sent for it.

#include "policy/redis_command.h"
#include "policy/sql_statement.h"
#include "tests/fakes/fake_kafka_source.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/support/tool_bench.h"
#include "tools/environment/mysql_health.h"
#include "tools/environment/redis_health.h"
#include "tools/environment/tools.h"

using namespace casefile;
using namespace casefile::tools;
using namespace casefile::tools::environment;

namespace {

std::string verdict_of(const std::vector<json::object>& checks, std::string_view name) {
    for (const auto& check : checks)
        if (string_or(check, "check") == name) return string_or(check, "verdict");
    return "none";
}

sources::mysql::FakeTable table(const std::vector<std::string>& names,
                                const std::vector<std::vector<std::optional<std::string>>>& rows) {
    sources::mysql::FakeTable out;
    for (const auto& name : names) out.columns.push_back({name, "VARCHAR", false});
    out.rows = rows;
    return out;
}

void tell_connections(sources::mysql::FakeMysqlSource& source, const std::string& used) {
    source.tables = {
        {"GLOBAL STATUS", table({"Variable_name", "Value"}, {{"Threads_connected", used},
                                                             {"Max_used_connections", used},
                                                             {"Threads_running", "2"},
                                                             {"Connection_errors_max_connections", "0"}})},
        {"GLOBAL VARIABLES",
         table({"Variable_name", "Value"}, {{"max_connections", "50"}, {"performance_schema", "OFF"}})}};
}

}  // namespace

TEST_CASE("everything that health sends passes the policy that users' statements pass") {
    policy::Intent intent;
    add_mysql_intents(intent);
    add_redis_intents(intent);
    REQUIRE(intent.sql.size() == 7);
    REQUIRE(intent.redis.size() == 3);
    for (const auto& sql : intent.sql) {
        INFO(sql.text);
        const auto verdict = policy::judge_sql(sql.text);
        INFO(verdict.reason);
        CHECK(verdict.allowed);
    }
    for (const auto& command : intent.redis) CHECK(policy::judge_redis(command.arguments).allowed);
}

TEST_CASE("a blocked transaction names the sessions that block it, and how old each is") {
    const auto row = [](const char* trx, const char* session, const char* state, const char* started) {
        return json::object{{"trx_id", trx},      {"session", session}, {"state", state},
                            {"started", started}, {"user", "app"},      {"host", "10.0.0.7"},
                            {"command", "Query"}, {"rows_locked", "1"}, {"rows_modified", "0"}};
    };
    const std::vector<json::object> rows = {row("100", "7", "RUNNING", "2026-11-22 14:00:00"),
                                            row("101", "8", "LOCK WAIT", "2026-11-22 14:01:30"),
                                            row("0", "9", "RUNNING", "2026-11-22 14:02:03")};
    const std::vector<json::object> waits = {{{"requesting_trx_id", "101"}, {"blocking_trx_id", "100"}},
                                             {{"requesting_trx_id", "101"}, {"blocking_trx_id", "100"}},
                                             {{"requesting_trx_id", "101"}, {"blocking_trx_id", "77"}}};

    const auto told = transactions_of(rows, waits, "9");

    REQUIRE(told.size() == 2);  // our own is left out
    CHECK(told[0].at("age_s") == 123);
    CHECK(told[0].at("blocked_by") == json::array{});
    CHECK(told[1].at("session") == "8");
    CHECK(told[1].at("blocked_by") == json::array{"7", "trx 77"});
    // Without our own beside them, nothing says what the server's time is.
    CHECK(transactions_of(rows, waits, "").at(0).at("age_s").is_null());
}

TEST_CASE("a statement is compared with what it cost before, by the calls since then alone") {
    const auto row = [](const char* digest, const char* calls, const char* total_ps) {
        return json::object{{"schema_name", "shop"}, {"digest", digest},     {"text", "SELECT ?"},
                            {"calls", calls},        {"total_ps", total_ps}, {"max_ps", "2000000000"},
                            {"rows_examined", "5"}};
    };
    // 100 calls of 1 ms.
    const auto before = statements_of({row("a", "100", "100000000000"), row("gone", "9", "1")}, {});
    CHECK(before[0].at("avg_ms") == 1.0);
    CHECK_FALSE(before[0].contains("times_slower"));

    // 10 more of 4.4 ms each; the counters of `gone` were reset meanwhile.
    const auto now = statements_of({row("a", "110", "144000000000"), row("gone", "2", "1")}, before);

    CHECK(now[0].at("calls_since") == "10");
    CHECK(now[0].at("avg_ms_since") == 4.4);
    CHECK(now[0].at("times_slower") == 4.4);
    CHECK_FALSE(now[1].contains("times_slower"));
}

TEST_CASE("the figures of Redis get verdicts by rules that are told") {
    Health health;
    check_redis_info(
        "# Memory\r\nused_memory:93323264\r\nused_memory_human:89.00M\r\nmaxmemory:104857600\r\n"
        "maxmemory_human:100.00M\r\nmaxmemory_policy:allkeys-lru\r\nmem_fragmentation_ratio:1.10\r\n"
        "# Stats\r\nkeyspace_hits:700\r\nkeyspace_misses:300\r\nevicted_keys:12\r\nrejected_connections:0\r\n"
        "# Clients\r\nconnected_clients:10\r\nmaxclients:10000\r\nblocked_clients:3\r\n"
        "# Persistence\r\nrdb_last_bgsave_status:err\r\nrdb_changes_since_last_save:55\r\naof_enabled:0\r\n"
        "# Replication\r\nrole:slave\r\nmaster_link_status:down\r\nmaster_last_io_seconds_ago:-1\r\n",
        health);
    CHECK(health.checks.at(0) ==
          json::parse(R"({"source":"redis","check":"memory","value":"89.00M of 100.00M, 89.0 %",
                          "verdict":"WARNING",
                          "rule":"of maxmemory: warning from 85 %, critical from 95 %"})"));
    const std::map<std::string, std::string> expected = {
        {"memory", "WARNING"},       {"fragmentation", "OK"},
        {"evictions", "WARNING"},    {"hit_rate", "WARNING"},
        {"clients", "OK"},           {"clients_blocked", "WARNING"},
        {"snapshot", "CRITICAL"},    {"connections_refused", "OK"},
        {"replica_link", "CRITICAL"}};
    CHECK(health.checks.size() == expected.size());
    for (const auto& [name, verdict] : expected) {
        INFO(name);
        CHECK(verdict_of(health.checks, name) == verdict);
    }
}

TEST_CASE("a server that tells little gets no verdict that it does not deserve") {
    Health health;
    check_redis_info(
        "used_memory:100\r\nused_memory_human:100B\r\nmaxmemory:0\r\nkeyspace_hits:1\r\nkeyspace_misses:"
        "9\r\n",
        health);
    CHECK(verdict_of(health.checks, "memory") == "UNKNOWN");
    CHECK(verdict_of(health.checks, "hit_rate") == "UNKNOWN");
    CHECK(verdict_of(health.checks, "snapshot") == "none");
}

TEST_CASE("the slow log is told without the values that were sent") {
    using namespace sources::redis;
    const auto told = slow_commands(array_reply(
        {array_reply({integer_reply(14), integer_reply(1795356123), integer_reply(12'000),
                      array_reply({text_reply("SET"), text_reply("user:1"), text_reply("secret")})})}));
    REQUIRE(told.size() == 1);
    CHECK(told[0].at("command") == "SET user:1 +1 words");
    CHECK(told[0].at("took_us") == 12'000);
    CHECK(json::serialize(told[0]).find("secret") == std::string::npos);
}

TEST_CASE("what an account cannot see is unknown, not fine") {
    const auto checks_of = [](const std::vector<std::vector<std::optional<std::string>>>& sessions,
                              bool waits = false, bool has_process = false) {
        ToolBench bench;
        auto& database = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
        bench.confirm("STAGING");
        tell_connections(database, "5");
        if (!has_process) database.refused_statements = {"INNODB_TRX"};
        auto rows = sessions;
        for (auto& row : rows) row.emplace_back(waits ? "1" : "0");
        database.tables.emplace_back(
            "metadata lock", table({"user", "host", "sessions", "running", "longest_s", "waiting"}, rows));
        const auto answer = bench.call(fingerprint_tool(bench.work()), {{"health", true}});
        std::vector<json::object> out;
        for (const auto& check : answer.at("health").as_array()) out.push_back(check.as_object());
        return out;
    };

    // Three of five, and nobody else's: no PROCESS.
    const auto own = checks_of({{"reader", "10.0.0.1", "3", "1", "0"}});
    CHECK(verdict_of(own, "metadata_lock_waits") == "UNKNOWN");
    CHECK(verdict_of(own, "transactions_blocked") == "UNKNOWN");
    CHECK(verdict_of(own, "transaction_oldest_s") == "UNKNOWN");
    for (const auto& check : own)
        if (string_or(check, "verdict") == "UNKNOWN")
            CHECK(string_or(check, "rule") == "needs PROCESS: other accounts' sessions are not seen");

    // What it does see counts.
    CHECK(verdict_of(checks_of({{"reader", "10.0.0.1", "3", "1", "0"}}, true), "metadata_lock_waits") ==
          "WARNING");
    // One of the others went while we asked.
    CHECK(verdict_of(checks_of({{"reader", "10.0.0.1", "3", "1", "0"}, {"app", "10.0.0.2", "1", "0", "0"}}),
                     "metadata_lock_waits") == "OK");
    CHECK(verdict_of(checks_of({{"reader", "10.0.0.1", "5", "1", "0"}}), "metadata_lock_waits") == "OK");
    CHECK(verdict_of(checks_of({{"reader", "10.0.0.1", "4", "1", "0"}}, false, true),
                     "metadata_lock_waits") == "OK");
}

TEST_CASE("health comes with verdicts and the times of each source, and is filed whole") {
    ToolBench bench;
    auto& database = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    auto& queue = bench.add(std::make_unique<sources::kafka::FakeKafkaSource>("STAGING"));
    bench.confirm("STAGING");
    tell_connections(database, "49");
    queue.all_topics = {{.name = "orders", .partitions = {0, 1, 2}, .offline = {2}, .under_replicated = {0}}};

    const auto answer = bench.call(fingerprint_tool(bench.work()), {{"health", true}});

    std::vector<json::object> checks;
    for (const auto& check : answer.at("health").as_array()) checks.push_back(check.as_object());
    CHECK(verdict_of(checks, "connections") == "CRITICAL");
    CHECK(verdict_of(checks, "running") == "OK");
    CHECK(verdict_of(checks, "partitions_offline") == "CRITICAL");
    CHECK(verdict_of(checks, "partitions_under_replicated") == "WARNING");
    CHECK(answer.at("partitions").as_array().size() == 2);
    CHECK(answer.at("times") == "mysql at 2026-11-22T14:00:00.000Z, kafka at 2026-11-22T14:00:00.000Z");
    CHECK_THAT(json::serialize(answer.at("problems")), Catch::Contains("performance_schema is off"));
    const auto file = json::parse(ToolBench::file(answer, "health.health.json"));
    CHECK(file.at("health") == answer.at("health"));
}

TEST_CASE("a fingerprint without health asks no more than the identity") {
    ToolBench bench;
    auto& database = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    bench.confirm("STAGING");
    const auto answer = bench.call(fingerprint_tool(bench.work()), {});
    CHECK(database.asked.empty());
    CHECK_FALSE(answer.contains("health"));
}

TEST_CASE("health is refused where nobody confirmed the environment") {
    ToolBench bench;
    auto& database = bench.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
    const auto error = bench.refusal(fingerprint_tool(bench.work()), {{"env", "STAGING"}, {"health", true}});
    CHECK(error.at("kind") == "denied");
    CHECK(database.asked.empty());
}
