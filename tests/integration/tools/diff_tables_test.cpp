// diff of large tables in two environments: two private MariaDB, ranges of the key by checksum first.

#include "sandbox/mariadb_client.h"
#include "sandbox/servers.h"
#include "tests/support/endpoints.h"
#include "tests/support/tool_bench.h"
#include "tools/diff/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

struct Database {
    TemporaryFolder folder;
    sandbox::MariadbServer server = sandbox::MariadbServer::start(folder.path() / "mariadb").value();

    // The age of the oldest table is a part of who the server is.
    Database() {
        sql("CREATE DATABASE shop");
        sql("CREATE TABLE shop.first (id INT PRIMARY KEY)");
    }
    void sql(const std::string& statement) const { REQUIRE(admin().execute(statement)); }
    sandbox::MariadbClient admin() const {
        return sandbox::MariadbClient::connect(server.port, "admin", server.admin_password).value();
    }
    sources::Endpoint endpoint(const std::string& env) const {
        return endpoint_of(SourceKind::mysql, env, server.port, "reader", server.reader_password, "shop");
    }
};

struct TwoDatabases {
    Database left, right;
    static TwoDatabases& get() {
        static TwoDatabases both;
        return both;
    }
    void sql(const std::string& statement) const {
        left.sql(statement);
        right.sql(statement);
    }
};

/// The same 100,000 orders in both, and three rows that differ, in two ranges.
struct Orders {
    TwoDatabases& both = TwoDatabases::get();
    ToolBench bench;

    Orders() {
        bench.limits.plan_rows_max = bench.limits.plan_rows_protected_max = 100'000'000'000;
        both.sql("DROP TABLE IF EXISTS shop.orders");
        both.sql(
            "CREATE TABLE shop.orders (id BIGINT PRIMARY KEY, status VARCHAR(10), amount DECIMAL(10,2), note "
            "VARCHAR(40), KEY by_status (status)) CHARACTER SET utf8mb4");
        both.sql(
            "INSERT INTO shop.orders SELECT seq, IF(seq % 2, 'paid', 'open'), seq / 100, IF(seq % 5, "
            "CONCAT('Grüße ', seq), NULL) FROM shop.seq_1_to_100000");
        both.sql("ANALYZE TABLE shop.orders");
        bench.add(sources::mysql::make_mysql_source(both.left.endpoint("PROD"), bench.limits));
        bench.add(sources::mysql::make_mysql_source(both.right.endpoint("STAGING"), bench.limits));
        bench.confirm("PROD");
        bench.confirm("STAGING");
    }
    json::object diff(const std::string& left, const std::string& right, json::object compare = {}) {
        compare["settle_ms"] = 10;
        return bench.call(diff::diff_tool(bench.work()),
                          json::object{{"left", {{"mysql", {{"sql", left}}}, {"env", "PROD"}}},
                                       {"right", {{"mysql", {{"sql", right}}}, {"env", "STAGING"}}},
                                       {"key", {"id"}},
                                       {"compare", compare}});
    }
};

std::string counts(const json::object& answer) {
    const auto& counts = answer.at("counts").as_object();
    std::string out;
    for (const char* name : {"match", "changed", "missing_left", "missing_right"})
        out += (out.empty() ? "" : " ") + json::serialize(counts.at(name));
    return out;
}

std::string notes(const json::object& answer) { return json::serialize(answer.at("notes")); }

}  // namespace

TEST_CASE("a large table in two environments is read by checksum, and by row only where ranges differ") {
    Orders orders;
    orders.both.right.sql("UPDATE shop.orders SET status = 'PAID' WHERE id = 70001");
    orders.both.right.sql("UPDATE shop.orders SET note = '' WHERE id = 70005");
    orders.both.right.sql("DELETE FROM shop.orders WHERE id = 12");
    orders.both.right.sql("INSERT INTO shop.orders VALUES (100007, 'new', 1, NULL)");
    const std::string sql = "SELECT id, status, amount, note FROM orders";

    const auto answer = orders.diff(sql, sql);

    CHECK(counts(answer) == "99997 2 1 1");
    CHECK(notes(answer) ==
          R"(["compared by checksums of 6 ranges of 20000 rows; the rows of 3 were read, because their )"
          R"(checksums differ"])");
    CHECK(json::serialize(answer.at("by_field").at("note")) == R"({"match":99998,"changed":1})");
    CHECK(json::serialize(answer.at("states")) == R"({"settled":4})");
}

TEST_CASE("a swap that leaves simple sums as they were is seen") {
    Orders orders;
    // The same change of the same bytes in two rows cancels out in CRC32 and XOR.
    orders.both.right.sql(
        "UPDATE shop.orders SET status = IF(status = 'paid', 'open', 'paid') WHERE id IN (51, 52)");
    orders.both.right.sql("UPDATE shop.orders SET amount = 1.01 - (amount - 1.00) WHERE id IN (100, 101)");
    const std::string sql = "SELECT id, status, amount FROM orders";
    CHECK(counts(orders.diff(sql, sql)) == "99996 4 0 0");
}

TEST_CASE(
    "ranges work within a filter, under other names and ignored fields, and by the rules where bytes "
    "differ") {
    Orders orders;
    orders.both.right.sql("UPDATE shop.orders SET status = 'PAID' WHERE id = 70001");
    orders.both.right.sql("ALTER TABLE shop.orders MODIFY amount DECIMAL(12,4)");
    const auto answer = orders.diff(
        "SELECT * FROM orders WHERE id > 1000 ORDER BY id;",
        "SELECT id, amount AS total, note, status FROM orders WHERE id > 1000",
        json::object{
            {"rename", {{"amount", "total"}}}, {"ignore", {"note"}}, {"read_as", {{"status", "case"}}}});
    CHECK(counts(answer) == "99000 0 0 0");
    CHECK(json::serialize(answer.at("fields")) == R"(["status","amount"])");
    CHECK(notes(answer).find("the rows of 5 were read") != std::string::npos);
}

TEST_CASE(
    "statements that no index serves in the order of the key are read whole, and compared all the same") {
    Orders orders;
    orders.both.right.sql("UPDATE shop.orders SET amount = 0 WHERE id = 5");
    for (const std::string sql : {"SELECT id + 0 AS id, amount FROM orders",
                                  "SELECT id, SUM(amount) AS amount FROM orders GROUP BY id, status"}) {
        INFO(sql);
        const auto answer = orders.diff(sql, sql);
        CHECK(counts(answer) == "99999 1 0 0");
        CHECK(notes(answer) == "[]");
    }
}

TEST_CASE("an empty table beside a large one is told row by row") {
    Orders orders;
    orders.both.left.sql("TRUNCATE shop.orders");
    orders.both.left.sql("ANALYZE TABLE shop.orders");
    const std::string sql = "SELECT id, amount FROM orders";
    const auto answer = orders.diff(sql, sql);
    CHECK(counts(answer) == "0 0 100000 0");
    CHECK(answer.at("truncated").as_bool());
}

TEST_CASE("texts are compared as the client gets them, whatever character set stores them") {
    Orders orders;
    orders.both.left.sql("ALTER TABLE shop.orders CONVERT TO CHARACTER SET latin1");
    // The same two bytes: two letters here, one there.
    orders.both.left.sql("UPDATE shop.orders SET note = _latin1 X'C3A9' WHERE id = 70001");
    orders.both.right.sql("UPDATE shop.orders SET note = _utf8mb4 X'C3A9' WHERE id = 70001");
    const std::string sql = "SELECT id, note FROM orders";

    const auto answer = orders.diff(sql, sql);

    CHECK(counts(answer) == "99999 1 0 0");
    CHECK(notes(answer).find("the rows of 1 were read") != std::string::npos);
    const std::string only_that = "SELECT id, IF(id = 70001, note, NULL) AS note FROM orders";
    CHECK(counts(orders.diff(only_that, only_that)) == "99999 1 0 0");
}

TEST_CASE("bits are compared as the numbers that the client gets") {
    Orders orders;
    orders.both.left.sql("ALTER TABLE shop.orders ADD flag BIT(8) NOT NULL DEFAULT b'01000001'");
    orders.both.right.sql("ALTER TABLE shop.orders ADD flag VARCHAR(2) NOT NULL DEFAULT '65'");
    orders.both.right.sql("UPDATE shop.orders SET flag = 'A' WHERE id = 7");
    const std::string sql = "SELECT id, flag FROM orders";

    const auto answer = orders.diff(sql, sql);

    CHECK(counts(answer) == "99999 1 0 0");
    CHECK(notes(answer).find("the rows of 1 were read") != std::string::npos);
}

TEST_CASE("a row without a key is told of two large tables as of two small ones") {
    Orders orders;
    orders.both.sql("ALTER TABLE shop.orders DROP PRIMARY KEY, MODIFY id BIGINT NULL, ADD KEY by_id (id)");
    orders.both.right.sql("INSERT INTO shop.orders VALUES (NULL, 'new', 1, NULL)");
    const auto refusal = [&](const std::string& where) {
        const auto sql = "SELECT id, status FROM orders" + where;
        const auto answer =
            orders.bench.refusal(diff::diff_tool(orders.bench.work()),
                                 json::object{{"left", {{"mysql", {{"sql", sql}}}, {"env", "PROD"}}},
                                              {"right", {{"mysql", {{"sql", sql}}}, {"env", "STAGING"}}},
                                              {"key", {"id"}}});
        return std::string(answer.at("message").as_string());
    };
    CHECK(refusal("") == "right: key field 'id' is NULL in a row");
    CHECK(refusal(" WHERE id IS NULL OR id < 10").starts_with("right: key field 'id' is NULL in row "));
}

TEST_CASE("a TIMESTAMP is compared as what it is, and a DATETIME in the zone that was given") {
    Orders orders;
    orders.both.left.sql(
        "CREATE OR REPLACE TABLE shop.moments (id INT PRIMARY KEY, seen TIMESTAMP(3) NULL, here DATETIME)");
    orders.both.left.sql(
        "INSERT INTO shop.moments VALUES (1, FROM_UNIXTIME(1767323045.5), '2026-01-02 05:04:05')");
    const auto answer = orders.bench.call(
        diff::diff_tool(orders.bench.work()),
        json::object{
            {"left", {{"mysql", {{"sql", "SELECT * FROM moments"}}}, {"env", "PROD"}}},
            {"right", {{"csv", {{"text", "id,seen,here\n1,2026-01-02T03:04:05.5Z,2026-01-02T03:04:05Z\n"}}}}},
            {"key", {"id"}},
            {"compare", {{"timezone", "+02:00"}, {"settle_ms", 0}}}});
    CHECK(counts(answer) == "1 0 0 0");
}

TEST_CASE("the same digits of a TIMESTAMP and of a DATETIME in another zone are two times in every row") {
    Orders orders;
    orders.both.left.sql("ALTER TABLE shop.orders ADD seen TIMESTAMP NULL");
    orders.both.left.sql("UPDATE shop.orders SET seen = FROM_UNIXTIME(1767323045)");
    orders.both.right.sql("ALTER TABLE shop.orders ADD seen DATETIME DEFAULT '2026-01-02 03:04:05'");
    const std::string sql = "SELECT id, seen FROM orders";
    CHECK(counts(orders.diff(sql, sql)) == "100000 0 0 0");
    CHECK(counts(orders.diff(sql, sql, json::object{{"timezone", "+02:00"}})) == "0 100000 0 0");
}

TEST_CASE("a cancelled comparison of tables leaves nothing running on either server") {
    Orders orders;
    orders.bench.context.progress = nullptr;
    const auto running = [&](const Database& database) {
        return database.admin()
            .query("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT o.id%'")
            .value()[0][0]
            .value();
    };
    // Slow enough to be met in its middle: every row is joined with many.
    const std::string slow =
        "SELECT o.id, (SELECT COUNT(*) FROM orders p WHERE p.note LIKE CONCAT('%', o.note)) AS n FROM orders "
        "o";
    std::jthread canceller([&] {
        while (running(orders.both.left) == "0") std::this_thread::yield();
        orders.bench.stop.request_stop();
    });
    const auto refusal =
        orders.bench.refusal(diff::diff_tool(orders.bench.work()),
                             json::object{{"left", {{"mysql", {{"sql", slow}}}, {"env", "PROD"}}},
                                          {"right", {{"mysql", {{"sql", slow}}}, {"env", "STAGING"}}},
                                          {"key", {"id"}}});
    canceller.join();
    CHECK(refusal.at("kind").as_string() == "cancelled");
    // The client hears of the end a moment before the process list does.
    const auto ends_on = [&](const Database& database) {
        const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (running(database) != "0" && std::chrono::steady_clock::now() < late) std::this_thread::yield();
        return running(database) == "0";
    };
    CHECK(ends_on(orders.both.left));
    CHECK(ends_on(orders.both.right));
}
