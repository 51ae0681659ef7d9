// A real replica: how far behind it is comes with what was read from it, and whether it runs at all.

#include "base/ids.h"
#include "tests/integration/tools/private_servers.h"
#include "tests/support/endpoints.h"
#include "tools/environment/tools.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

struct Server {
    TemporaryFolder folder;
    sandbox::MariadbServer server;

    explicit Server(const std::vector<std::string>& options) {
        auto started = sandbox::MariadbServer::start(folder.path() / "mariadb", 0, options);
        REQUIRE(started);
        server = *std::move(started);
    }
    sandbox::MariadbClient admin() const {
        auto client = sandbox::MariadbClient::connect(server.port, "admin", server.admin_password);
        REQUIRE(client);
        return *std::move(client);
    }
    void run(const std::vector<std::string>& statements) const {
        auto client = admin();
        for (const auto& sql : statements) {
            INFO(sql);
            REQUIRE(client.execute(sql));
        }
    }
    std::string ask(const std::string& sql) const {
        const auto rows = admin().query(sql);
        REQUIRE(rows);
        return rows->empty() ? "" : (*rows)[0][0].value_or("NULL");
    }
};

/// A primary and a replica of it that holds back what it has received for an hour.
struct Pair {
    Server primary{{"--server-id=1", "--log-bin=binlog"}}, replica{{"--server-id=2", "--read-only=ON"}};

    Pair() {
        const std::string secret = random_hex(16);
        primary.run({"CREATE DATABASE shop", "CREATE TABLE shop.prices (id INT PRIMARY KEY)"});
        replica.run({"CREATE DATABASE shop", "CREATE TABLE shop.prices (id INT PRIMARY KEY)",
                     "GRANT REPLICA MONITOR ON *.* TO 'reader'@'127.0.0.1'",
                     "SET GLOBAL gtid_slave_pos = '" + primary.ask("SELECT @@gtid_binlog_pos") + "'"});
        primary.run(
            {"SET sql_log_bin = 0",
             "GRANT REPLICATION SLAVE ON *.* TO 'copier'@'127.0.0.1' IDENTIFIED BY '" + secret + "'"});
        replica.run({"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = " +
                         std::to_string(primary.server.port) +
                         ", MASTER_USER = 'copier', MASTER_PASSWORD = '" + secret +
                         "', MASTER_USE_GTID = slave_pos, MASTER_DELAY = 3600",
                     "START SLAVE"});
    }
    /// Writes a row as of so many seconds ago, and waits until the replica has it in hand.
    void write_late(int seconds) const {
        primary.run({"SET timestamp = UNIX_TIMESTAMP() - " + std::to_string(seconds),
                     "INSERT INTO shop.prices VALUES (1)"});
        const auto wanted = primary.ask("SELECT @@gtid_binlog_pos");
        for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
             std::chrono::steady_clock::now() < until;) {
            const auto status = replica.admin().query("SHOW REPLICA STATUS");
            REQUIRE(status);
            for (const auto& cell : (*status)[0])
                if (cell && cell->starts_with("Waiting until MASTER_DELAY")) return;
        }
        FAIL("the replica has not received " << wanted);
    }
    sources::Endpoint endpoint() const {
        return endpoint_of(SourceKind::mysql, "SHOP", replica.server.port, "reader",
                           replica.server.reader_password, "shop");
    }
};

/// A case of its own, as what is known of a lag serves the calls of ten seconds.
struct Desk : ToolBench {
    explicit Desk(const Pair& pair) {
        add(sources::mysql::make_mysql_source(pair.endpoint(), limits));
        confirm("SHOP");
    }
    json::object read() { return call(mysql::query_tool(work()), {{"sql", "SELECT COUNT(*) FROM prices"}}); }
    json::object health() { return call(environment::fingerprint_tool(work()), {{"health", true}}); }
};

bool is_500_behind(const json::value& replica) {
    const auto seconds = std::stoi(string_or(replica.as_object(), "seconds_behind", "0"));
    return seconds >= 500 && seconds < 1'000;
}

json::object lag_check(const json::object& answer) {
    for (const auto& check : answer.at("health").as_array())
        if (check.at("check") == "replica_lag_s") return check.as_object();
    FAIL("no check of the lag in " << json::serialize(answer));
    return {};
}

}  // namespace

TEST_CASE("a replica that is behind, and one that stands still, are told with what was read from them") {
    const Pair pair;
    pair.write_late(500);
    Desk late(pair);
    const auto answer = late.read();
    CHECK(answer.at("rows") == json::parse(R"([["0"]])"));
    CHECK(is_500_behind(answer.at("snapshot").at("replica")));
    const auto manifest = json::parse(ToolBench::file(answer, "query.manifest.json"));
    CHECK(is_500_behind(manifest.at("details").at("snapshot").at("replica")));

    const auto health = late.health();
    CHECK(lag_check(health).at("verdict") == "CRITICAL");
    const auto& facts = health.at("fingerprints").at(0).at("facts");
    CHECK(facts.at("role") == "replica");
    CHECK(facts.at("replica_of") == "127.0.0.1");
    CHECK(std::stoi(std::string(facts.at("replica_seconds_behind").as_string())) >= 500);

    pair.replica.run({"STOP SLAVE SQL_THREAD"});
    Desk still(pair);
    CHECK(still.read().at("snapshot").at("replica").at("unknown") == "replication does not run");
    CHECK(lag_check(still.health()).at("value") == "unknown");

    pair.replica.run({"STOP SLAVE", "CHANGE MASTER TO MASTER_DELAY = 0", "START SLAVE",
                      "DO MASTER_GTID_WAIT('" + pair.primary.ask("SELECT @@gtid_binlog_pos") + "', 30)"});
    const auto caught_up = Desk(pair).read();
    CHECK(caught_up.at("rows") == json::parse(R"([["1"]])"));
    CHECK(caught_up.at("snapshot").at("replica").at("seconds_behind") == "0");
}
