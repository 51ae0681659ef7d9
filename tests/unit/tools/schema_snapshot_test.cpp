// How a schema is made, kept and compared within a case.

#include "tools/mysql/schema_snapshot.h"
#include "policy/sql_statement.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools::mysql;
using casefile::tools::ToolBench;
using sources::mysql::FakeMysqlSource;
using sources::mysql::FakeTable;

namespace {

FakeTable rows_of(std::size_t columns, std::vector<std::vector<std::optional<std::string>>> rows) {
    FakeTable table;
    for (std::size_t i = 0; i < columns; ++i)
        table.columns.push_back({"c" + std::to_string(i), "VARCHAR", false});
    table.rows = std::move(rows);
    return table;
}

/// Two tables, as information_schema tells them; `total_type` is what a later look may find altered.
void plant(FakeMysqlSource& source, const std::string& total_type, bool with_index) {
    std::vector<std::vector<std::optional<std::string>>> indexes = {
        {"orders", "PRIMARY", "UNIQUE", "BTREE", "id", std::nullopt}};
    if (with_index) {
        indexes.push_back({"orders", "by_note", "", "BTREE", "shop_id", std::nullopt});
        indexes.push_back({"orders", "by_note", "", "BTREE", "note", "20"});
    }
    source.tables = {
        {"SELECT TABLE_NAME, TABLE_TYPE",
         rows_of(6, {{"orders", "BASE TABLE", "InnoDB", "utf8mb4_general_ci", "", ""},
                     {"shops", "BASE TABLE", "InnoDB", "utf8mb4_general_ci", "", "where we sell"}})},
        {"SELECT TABLE_NAME, COLUMN_NAME",
         rows_of(
             8, {{"orders", "id", "bigint(20)", "NOT NULL", std::nullopt, "auto_increment", std::nullopt, ""},
                 {"orders", "total", total_type, "NOT NULL", "0.00", "", std::nullopt, ""},
                 {"shops", "id", "bigint(20)", "NOT NULL", std::nullopt, "", std::nullopt, ""}})},
        {"SELECT TABLE_NAME, INDEX_NAME", rows_of(6, indexes)},
        {"SELECT TABLE_NAME, CONSTRAINT_NAME",
         rows_of(6, {{"orders", "fk", "shop_id", "shop", "shops", "id"},
                     {"orders", "fk", "shop_part", "shop", "shops", "part"}})},
    };
}

struct Bench : ToolBench {
    Bench() : source(add(std::make_unique<FakeMysqlSource>("STAGING"))) { confirm("STAGING"); }
    json::object snapshot(json::object arguments = {}) {
        arguments["snapshot"] = true;
        return call(describe_tool(work()), std::move(arguments));
    }
    FakeMysqlSource& source;
};

}  // namespace

TEST_CASE("what a snapshot asks passes the policy that users' statements pass") {
    for (const auto& table : {std::optional<TableName>(), std::optional(TableName{"shop", "orders"})}) {
        const auto sql = snapshot_sql(table);
        REQUIRE(sql);
        REQUIRE(sql->size() == 4);
        for (const auto& one : *sql) {
            INFO(one);
            const auto verdict = policy::judge_sql(one);
            INFO(verdict.reason);
            CHECK(verdict.allowed);
        }
    }
}

TEST_CASE(
    "a snapshot tells each table's columns, indexes and keys in a line each, and reads back as it was") {
    FakeMysqlSource source("STAGING");
    plant(source, "decimal(12,2)", true);
    const auto sql = snapshot_sql(std::nullopt);
    REQUIRE(sql);

    const auto snapshot =
        read_snapshot(*sql, source, [](auto, auto, const std::string& value) { return value; },
                      {std::chrono::steady_clock::now() + std::chrono::seconds(5), {}});

    REQUIRE(snapshot);
    REQUIRE(snapshot->tables.size() == 2);
    const auto& orders = snapshot->tables.at("orders");
    CHECK(orders.options == "BASE TABLE InnoDB utf8mb4_general_ci");
    CHECK(orders.columns.at("id") == "bigint(20) NOT NULL auto_increment");
    CHECK(orders.columns.at("total") == "decimal(12,2) NOT NULL DEFAULT 0.00");
    CHECK(orders.indexes.at("PRIMARY") == "UNIQUE BTREE (id)");
    CHECK(orders.indexes.at("by_note") == "BTREE (shop_id, note(20))");
    CHECK(orders.foreign_keys.at("fk") == "(shop_id, shop_part) -> shop.shops (id, part)");
    CHECK(read_written_snapshot(write_snapshot(*snapshot)).tables == snapshot->tables);
}

TEST_CASE("a later snapshot of the case tells what was added, dropped and altered since") {
    Bench bench;
    plant(bench.source, "decimal(12,2)", true);
    const auto first = bench.snapshot();
    CHECK_FALSE(first.contains("changes"));
    CHECK_THAT(std::string(first.at("compared_with").as_string()), Catch::Contains("first snapshot"));

    plant(bench.source, "decimal(14,4)", false);
    bench.source.tables[0].second.rows[1] = {"invoices",           "BASE TABLE", "InnoDB",
                                             "utf8mb4_general_ci", "",           ""};
    bench.source.tables[1].second.rows[2][0] = "invoices";
    const auto second = bench.snapshot({{"task", "again"}});

    const auto expected = json::parse(R"json([
        {"change":"altered","kind":"column","name":"orders.total",
         "before":"decimal(12,2) NOT NULL DEFAULT 0.00","now":"decimal(14,4) NOT NULL DEFAULT 0.00"},
        {"change":"dropped","kind":"index","name":"orders.by_note",
         "before":"BTREE (shop_id, note(20))","now":null},
        {"change":"dropped","kind":"table","name":"shops",
         "before":"BASE TABLE InnoDB utf8mb4_general_ci where we sell, 1 columns","now":null},
        {"change":"added","kind":"table","name":"invoices","before":null,
         "now":"BASE TABLE InnoDB utf8mb4_general_ci, 1 columns"}])json");
    CHECK(second.at("changes") == expected);
    const auto first_run = std::string(first.at("run").at("id").as_string());
    CHECK_THAT(std::string(second.at("compared_with").as_string()), Catch::StartsWith("run " + first_run));
    const auto file = json::parse(ToolBench::file(second, "schema_snapshot.again.json"));
    CHECK(file.at("changes") == second.at("changes"));

    const auto third = bench.snapshot();
    CHECK(third.at("changes").as_array().empty());
}

TEST_CASE("a snapshot of one table is compared with snapshots of that table alone") {
    Bench bench;
    plant(bench.source, "decimal(12,2)", true);
    bench.source.tables.emplace_back("information_schema.TABLES",
                                     rows_of(6, {{"orders", "BASE TABLE", "InnoDB", "1", "2", ""}}));
    bench.snapshot();
    const auto one = bench.snapshot({{"table", "orders"}});
    CHECK_FALSE(one.contains("changes"));
    CHECK(bench.snapshot({{"table", "orders"}}).at("changes").as_array().empty());
}

TEST_CASE("a snapshot whose file was altered since is not compared with") {
    Bench bench;
    plant(bench.source, "decimal(12,2)", true);
    const auto first = bench.snapshot();
    const std::filesystem::path folder(std::string(first.at("run").at("folder").as_string()));
    std::ofstream(folder / "schema_snapshot.describe.json", std::ios::app) << " ";
    CHECK_FALSE(bench.snapshot().contains("changes"));
}

TEST_CASE("thousands of tables are told page by page, each once") {
    Bench bench;
    bench.limits.preview_tokens_max = 300;
    FakeTable table;
    for (const auto* name : {"name", "type", "engine", "rows_estimate", "bytes", "comment"})
        table.columns.push_back({name, "VARCHAR", false});
    for (int i = 1000; i < 4000; ++i)
        table.rows.push_back({"t" + std::to_string(i), "BASE TABLE", "InnoDB", "1", "16384", ""});
    bench.source.tables = {{"information_schema.TABLES", table}};

    const auto first = bench.call(describe_tool(bench.work()), {});
    const auto last_shown = first.at("tables").as_array().back().at("name");
    CHECK(first.at("next") == last_shown);
    CHECK_THAT(std::string(first.at("reason").as_string()), Catch::Contains("pass next as after"));

    bench.call(describe_tool(bench.work()), {{"after", last_shown}});
    CHECK_THAT(bench.source.asked.back(),
               Catch::Contains("TABLE_NAME > _utf8mb4 X'") && Catch::Contains("LIMIT 5001"));
    bench.source.tables[0].second.rows.resize(3);
    CHECK_FALSE(bench.call(describe_tool(bench.work()), {}).contains("next"));
}
