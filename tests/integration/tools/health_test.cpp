// Health on real servers: what blocks is named, and what is counted adds up.

#include <csignal>
#include <thread>

#include "tests/integration/tools/private_servers.h"
#include "tests/support/endpoints.h"
#include "tools/environment/tools.h"
#include "tools/redis/second_opinion.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

struct Shop : ToolBench {
    Shop() : database(PrivateMariadb::get()) {
        add(sources::mysql::make_mysql_source(database.endpoint(database.port()), limits));
        confirm("SHOP");
    }
    json::object health() { return call(environment::fingerprint_tool(work()), {{"health", true}}); }
    PrivateMariadb& database;
};

const json::object& check_named(const json::object& answer, std::string_view name) {
    for (const auto& check : answer.at("health").as_array())
        if (string_or(check.as_object(), "check") == name) return check.as_object();
    FAIL("no check " << name << " in " << json::serialize(answer.at("health")));
    throw std::logic_error("unreachable");
}

}  // namespace

TEST_CASE("a blocked session is told with the one that blocks it, and the sessions add up") {
    Shop shop;
    shop.database.as_admin("CREATE OR REPLACE TABLE faults.stock (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
    shop.database.as_admin("INSERT INTO faults.stock VALUES (1, 10)");
    auto holder = shop.database.admin();
    REQUIRE(holder.execute("BEGIN"));
    REQUIRE(holder.execute("UPDATE faults.stock SET n = 9 WHERE id = 1"));
    const auto holds = holder.query("SELECT CONNECTION_ID()");
    REQUIRE(holds);
    std::thread waiter([&] {
        auto admin = shop.database.admin();
        static_cast<void>(admin.execute("UPDATE faults.stock SET n = 8 WHERE id = 1"));
    });
    // Not by the tables that health reads: InnoDB keeps what they tell for as long as somebody reads them
    // often.
    for (int times = 0; times < 10'000 &&
                        shop.database.ask("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE "
                                          "VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS'") != "1";
         ++times) {
    }

    const auto answer = shop.health();

    REQUIRE(holder.execute("ROLLBACK"));
    waiter.join();
    INFO(json::serialize(answer));
    CHECK(check_named(answer, "transactions_blocked").at("value") == "1");
    CHECK(check_named(answer, "transactions_blocked").at("verdict") == "WARNING");
    bool found = false;
    for (const auto& one : answer.at("transactions").as_array())
        if (one.at("blocked_by") == json::value(json::array{*(*holds)[0][0]})) {
            found = true;
            CHECK(one.at("state") == "LOCK WAIT");
            CHECK(one.at("user") == "admin");
            CHECK(one.at("age_s").is_int64());
        }
    CHECK(found);
    std::int64_t sessions = 0;
    for (const auto& one : answer.at("sessions").as_array())
        sessions += std::stoll(std::string(one.at("sessions").as_string()));
    const auto connected = std::string(check_named(answer, "connections").at("value").as_string());
    CHECK(std::to_string(sessions) == connected.substr(0, connected.find(' ')));
}

TEST_CASE(
    "the costliest statements are told without their values, and later calls compare with earlier ones") {
    Shop shop;
    shop.database.as_admin("DO SLEEP(0.001)");
    const auto first = shop.health();
    REQUIRE(first.contains("statements"));
    for (int times = 0; times < 3; ++times) shop.database.as_admin("DO SLEEP(0.05)");

    const auto second = shop.health();

    CHECK_FALSE(second.at("statements").as_array().empty());
    bool found = false;
    const auto file = json::parse(ToolBench::file(second, "health.health.json"));
    for (const auto& one : file.at("statements").as_array()) {
        CHECK(json::serialize(one).find("0.05") == std::string::npos);
        if (one.at("text") != "DO `SLEEP` (?)") continue;
        found = true;
        CHECK(one.at("calls_since") == "3");
        CHECK(one.at("times_slower").to_number<double>() > 1);
    }
    CHECK(found);
}

TEST_CASE("an account that sees itself alone is told what it lacks") {
    Shop shop;
    shop.database.as_admin("REVOKE PROCESS ON *.* FROM 'reader'@'127.0.0.1'");
    ToolBench bench;
    bench.add(sources::mysql::make_mysql_source(shop.database.endpoint(shop.database.port()), bench.limits));
    bench.confirm("SHOP");
    std::vector<sandbox::MariadbClient> others;
    others.push_back(shop.database.admin());  // one is enough, beside our own

    const auto answer = bench.call(environment::fingerprint_tool(bench.work()), {{"health", true}});

    shop.database.as_admin("GRANT PROCESS ON *.* TO 'reader'@'127.0.0.1'");
    CHECK_THAT(json::serialize(answer.at("problems")),
               Catch::Contains("the account needs PROCESS") && Catch::Contains("sees its own alone"));
    CHECK(check_named(answer, "connections").at("verdict") == "OK");
    for (const auto* name : {"metadata_lock_waits", "transactions_blocked", "transaction_oldest_s"}) {
        CHECK(check_named(answer, name).at("verdict") == "UNKNOWN");
        CHECK(check_named(answer, name).at("rule") == "needs PROCESS: other accounts' sessions are not seen");
    }
}

TEST_CASE("a real Redis server gets its verdicts") {
    TemporaryFolder folder;
    auto server = sandbox::RedisServer::start(folder.path(), 0,
                                              "maxmemory 100mb\nmaxmemory-policy allkeys-lru\n"
                                              "slowlog-log-slower-than 0\n");
    REQUIRE(server);
    auto client = sandbox::RedisClient::connect(server->port, server->password);
    REQUIRE(client);
    ToolBench bench;
    const auto endpoint =
        endpoint_of(SourceKind::redis, "SHOP", server->port, "reader", server->reader_password);
    bench.add(sources::redis::make_redis_source(endpoint, bench.limits, redis::object_to));
    bench.confirm("SHOP");
    REQUIRE(client->run({"SET", "user:1", "a secret value"}));

    const auto answer = bench.call(environment::fingerprint_tool(bench.work()), {{"health", true}});

    INFO(json::serialize(answer));
    CHECK_THAT(std::string(check_named(answer, "memory").at("value").as_string()),
               Catch::Contains("of 100.00M"));
    CHECK(check_named(answer, "evictions").at("value") == "0 by allkeys-lru");
    CHECK(check_named(answer, "hit_rate").at("verdict") == "UNKNOWN");
    CHECK(check_named(answer, "snapshot").at("verdict") == "OK");
    CHECK(check_named(answer, "slow_log").at("verdict") == "WARNING");
    CHECK(json::serialize(answer).find("a secret value") == std::string::npos);
    CHECK_THAT(json::serialize(answer.at("slow")), Catch::Contains("SET user:1 +1 words"));
}
