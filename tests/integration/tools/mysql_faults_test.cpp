// Faults on purpose, on a real server: each ends in a clear answer within the limit, in sealed evidence, and
// leaves a server that is well for the next call.

#include <thread>

#include "tests/integration/tools/private_servers.h"
#include "tests/support/tcp_proxy.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;
using namespace std::chrono_literals;

namespace {

using Steady = std::chrono::steady_clock;

/// Nine gigabytes: more than any buffer on the way holds, and than any test reads to the end. Not so many
/// rows that a human would be asked first.
constexpr const char* endless = "SELECT seq, REPEAT('x', 1000) AS x FROM seq_1_to_9000000";

struct Shop : ToolBench {
    Shop() : database(PrivateMariadb::get()), tunnel(database.port()) {
        limits.query_seconds_max = limits.diff_seconds_max = 2;
        limits.plan_rows_max = 100'000'000'000;  // nobody is asked
        add(sources::mysql::make_mysql_source(database.endpoint(tunnel.port), limits));
        confirm("SHOP");
    }

    /// Asks, and checks what has to hold however it ends: within the limit and its margin, sealed, verified.
    json::object ask(const std::string& sql, json::object more = {}) {
        more["sql"] = sql;
        const auto began = Steady::now();
        auto came = result(mysql::query_tool(work()), std::move(more));
        const auto took = Steady::now() - began;
        INFO(mcp::structured_text(came));
        CHECK(took < 12s);
        came.structured = json::parse(mcp::structured_text(came)).as_object();
        REQUIRE(came.structured.contains("run"));
        const auto proved = cases().verify(case_id, principal);
        REQUIRE(proved);
        CHECK(proved->ok);
        CHECK(proved->open_runs.empty());
        return came.structured;
    }
    json::object fails(const std::string& sql) {
        const auto answer = ask(sql, {{"rows_max", 10'000'000}});
        INFO(json::serialize(answer));
        REQUIRE(answer.contains("error"));
        return answer.at("error").as_object();
    }
    /// The next call is answered, and the server runs nothing of the one before.
    void is_well() {
        const auto answer = ask("SELECT 'fine' AS state");
        REQUIRE(answer.contains("rows"));
        CHECK(answer.at("rows") == json::parse(R"([["fine"]])"));
        CHECK(database.gets_well());
    }

    PrivateMariadb& database;
    TcpProxy tunnel;
};

std::string text(const json::object& error, std::string_view name) { return string_or(error, name); }

}  // namespace

TEST_CASE("a tunnel that is cut in the middle of the rows is told as such, and the next call goes through") {
    Shop shop;
    shop.tunnel.cut_after(2'000'000);
    const auto error = shop.fails(endless);
    CHECK(text(error, "kind") == "unavailable");
    CHECK_THAT(text(error, "message"), Catch::Contains("connection was lost during the statement"));
    CHECK_THAT(text(error, "hint"),
               Catch::Contains("tunnel on 127.0.0.1:" + std::to_string(shop.tunnel.port)));
    shop.is_well();
}

TEST_CASE("a tunnel that goes dead in the middle of the rows ends the call at its limit") {
    Shop shop;
    shop.tunnel.freeze_after(2'000'000);
    const auto error = shop.fails(endless);
    CHECK(text(error, "kind") == "timed_out");
    shop.tunnel.thaw();
    shop.is_well();
}

TEST_CASE("a tunnel that takes connections and leads nowhere is told as such") {
    Shop shop;
    shop.tunnel.cut();
    shop.tunnel.freeze();
    const auto error = shop.fails("SELECT 1");
    CHECK((text(error, "kind") == "unavailable" || text(error, "kind") == "timed_out"));
    CHECK(text(error, "layer") == "tunnel");
    shop.tunnel.thaw();
    shop.is_well();
}

TEST_CASE("a server that is restarted between two calls is the same server, and answers") {
    Shop shop;
    shop.is_well();
    shop.database.stop();
    const auto error = shop.fails("SELECT 1");
    CHECK(text(error, "kind") == "unavailable");
    CHECK(text(error, "layer") == "tunnel");
    shop.database.start();
    shop.is_well();
}

TEST_CASE("a server that stops during a query is an error, never the end of the rows") {
    Shop shop;
    std::thread operator_of_it([&] {
        CHECK(shop.database.gets_busy());
        shop.database.stop();
    });
    const auto error = shop.fails(endless);
    operator_of_it.join();
    CHECK(text(error, "kind") == "unavailable");
    shop.database.start();
    shop.is_well();
}

TEST_CASE("a query that waits for an ALTER ends at its limit, and waits no more on the server") {
    Shop shop;
    shop.database.as_admin("CREATE OR REPLACE TABLE faults.locked (n INT)");
    auto reader = shop.database.admin();
    REQUIRE(reader.execute("BEGIN"));
    REQUIRE(reader.query("SELECT * FROM faults.locked"));
    std::thread alter([&] {
        auto admin = shop.database.admin();
        static_cast<void>(admin.execute("ALTER TABLE faults.locked ADD COLUMN m INT, ALGORITHM=COPY"));
    });
    for (const auto until = Steady::now() + 10s;
         Steady::now() < until &&
         shop.database.ask(
             "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table "
             "metadata lock'") == "0";) {
    }

    const auto error = shop.fails("SELECT * FROM locked");

    CHECK(text(error, "kind") == "timed_out");
    CHECK(shop.database.gets_well());
    REQUIRE(reader.execute("COMMIT"));
    alter.join();
    shop.is_well();
}

TEST_CASE("a row of 16 MiB goes whole into the file and in part into the answer") {
    Shop shop;
    shop.limits.query_seconds_max = 10;
    shop.database.as_admin("CREATE OR REPLACE TABLE faults.wide (id INT, body LONGTEXT)");
    shop.database.as_admin(
        "INSERT INTO faults.wide VALUES (1, REPEAT('0123456789abcdef', 1048576)), (2, 'small')");

    const auto answer = shop.ask("SELECT * FROM wide ORDER BY id");

    REQUIRE(answer.contains("rows"));
    CHECK(answer.at("rows_returned") == 2);
    CHECK(json::serialize(answer).size() < 20'000);
    CHECK_THAT(string_or(answer, "reason"), Catch::Contains("the file has them whole"));
    const auto file = ToolBench::file(answer, "db_rows.query.csv");
    CHECK(file.size() == std::string("id,body\r\n1,\r\n2,small\r\n").size() + 16 * 1024 * 1024);
    shop.is_well();
}

TEST_CASE("a table of 500 columns is read whole") {
    Shop shop;
    shop.limits.query_seconds_max = 10;
    std::vector<std::string> columns, values;
    for (int i = 0; i < 500; ++i) {
        columns.push_back("c" + std::to_string(i) + " INT");
        values.push_back(std::to_string(i));
    }
    shop.database.as_admin("CREATE OR REPLACE TABLE faults.many (" + join(columns, ", ") + ")");
    for (int times = 0; times < 3; ++times)
        shop.database.as_admin("INSERT INTO faults.many VALUES (" + join(values, ", ") + ")");

    const auto answer = shop.ask("SELECT * FROM many");

    REQUIRE(answer.contains("rows"));
    CHECK(answer.at("columns").as_array().size() == 500);
    CHECK(answer.at("rows").at(0).at(499) == 499);
    CHECK(answer.at("rows_returned") == 3);
    shop.is_well();
}

TEST_CASE("a large result streams whole into the file, is profiled, and leaves the answer small") {
    Shop shop;
    shop.limits.query_seconds_max = shop.limits.diff_seconds_max = 10;

    const auto answer = shop.ask(
        "SELECT seq AS n, IF(seq % 10 = 0, NULL, CONCAT('name ', seq % 1000)) AS name, seq / 7 AS part FROM "
        "seq_1_to_200000",
        {{"rows_max", 1'000'000}});

    REQUIRE(answer.contains("rows"));
    CHECK(answer.at("rows_returned") == 200'000);
    CHECK(answer.at("truncated") == false);
    CHECK(json::serialize(answer).size() < 12'000);
    const auto& columns = answer.at("columns").as_array();
    CHECK(columns[0].at("min") == "1");
    CHECK(columns[0].at("max") == "200000");
    CHECK(std::abs(static_cast<double>(columns[0].at("distinct").as_int64()) / 200'000 - 1) < 0.05);
    CHECK(columns[1].at("nulls") == 20'000);
    CHECK(std::abs(static_cast<double>(columns[1].at("distinct").as_int64()) / 900 - 1) < 0.05);
    CHECK(columns[2].at("max") == "28571.4286");
    shop.is_well();
}
