#include "tests/fakes/fake_mysql_source.h"
#include "tests/support/tool_bench.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::sources::mysql;
using casefile::tools::ToolBench;

namespace {

FakeTable table_of(const std::vector<std::string>& names,
                   std::vector<std::vector<std::optional<std::string>>> rows) {
    FakeTable table;
    for (const auto& name : names) table.columns.push_back({name, "VARCHAR", false});
    table.rows = std::move(rows);
    return table;
}

const std::vector<std::string> table_names = {"name", "type", "engine", "rows_estimate", "bytes", "comment"};
const std::vector<std::string> key_names = {"name",
                                            "table_schema",
                                            "table_name",
                                            "column_name",
                                            "referenced_schema",
                                            "referenced_table",
                                            "referenced_column"};

struct Bench : ToolBench {
    Bench() : source(add(std::make_unique<FakeMysqlSource>("STAGING"))) { confirm("STAGING"); }
    json::object describe(json::object arguments) {
        return call(tools::mysql::describe_tool(work()), std::move(arguments));
    }
    FakeMysqlSource& source;
};

}  // namespace

TEST_CASE("the tables of the database are told with estimates, large numbers as text") {
    Bench bench;
    bench.source.tables = {
        {"information_schema.TABLES",
         table_of(table_names, {{"orders", "BASE TABLE", "InnoDB", "1000000", "9007199254740993", ""},
                                {"totals", "VIEW", std::nullopt, std::nullopt, std::nullopt, "VIEW"}})}};

    const auto answer = bench.describe({{"like", "o%"}});

    REQUIRE(answer.at("tables").as_array().size() == 2);
    CHECK(answer.at("tables").at(0).at("name") == "orders");
    CHECK(answer.at("tables").at(0).at("bytes") == "9007199254740993");
    CHECK(answer.at("tables").at(1).at("rows_estimate").is_null());
    CHECK(answer.at("truncated") == false);
    CHECK_FALSE(answer.contains("columns"));
    REQUIRE(bench.source.asked.size() == 1);
    CHECK_THAT(bench.source.asked[0],
               Catch::Contains("TABLE_SCHEMA = DATABASE()") && Catch::Contains("LIKE _utf8mb4 X'6f25'"));
    CHECK(ToolBench::file(answer, "describe.sql") == bench.source.asked[0] + ";\n");
}

TEST_CASE("one table is told with columns, indexes and foreign keys in both directions") {
    Bench bench;
    const auto keys =
        table_of(key_names, {{"fk_line", "shop", "order_lines", "order_id", "shop", "orders", "id"},
                             {"fk_line", "shop", "order_lines", "shop_id", "shop", "orders", "shop_id"}});
    bench.source.tables = {
        {"information_schema.COLUMNS",
         table_of({"name", "type", "nullable", "default_value", "key_kind", "extra", "comment"},
                  {{"id", "bigint(20)", "NO", std::nullopt, "PRI", "auto_increment", ""},
                   {"note", "text", "YES", "NULL", "", "", "free text"}})},
        {"information_schema.STATISTICS",
         table_of({"name", "non_unique", "column_name", "prefix", "cardinality", "type"},
                  {{"PRIMARY", "0", "id", std::nullopt, "1000", "BTREE"},
                   {"by_note", "1", "shop_id", std::nullopt, "3", "BTREE"},
                   {"by_note", "1", "note", "20", "900", "BTREE"}})},
        {"REFERENCED_TABLE_SCHEMA = _utf8mb4", keys},
        {"information_schema.TABLES",
         table_of(table_names, {{"orders", "BASE TABLE", "InnoDB", "1000", "16384", ""}})},
    };

    const auto answer = bench.describe({{"table", "shop.orders"}});

    CHECK(answer.at("table").at("rows_estimate") == "1000");
    CHECK(answer.at("columns").at(0) == json::value{{"name", "id"},
                                                    {"type", "bigint(20)"},
                                                    {"null", false},
                                                    {"default", nullptr},
                                                    {"key", "PRI"},
                                                    {"extra", "auto_increment"}});
    CHECK(answer.at("columns").at(1).at("comment") == "free text");
    REQUIRE(answer.at("indexes").as_array().size() == 2);
    CHECK(answer.at("indexes").at(0).at("unique") == true);
    CHECK(answer.at("indexes").at(1).at("columns") == json::array{"shop_id", "note(20)"});
    CHECK(answer.at("indexes").at(1).at("cardinality") == "900");
    CHECK(answer.at("foreign_keys").as_array().empty());
    CHECK(answer.at("referenced_by").at(0) == json::value{{"name", "fk_line"},
                                                          {"from", "shop.order_lines (order_id, shop_id)"},
                                                          {"to", "shop.orders (id, shop_id)"}});
    const auto file = json::parse(ToolBench::file(answer, "db_schema.describe.json"));
    CHECK(file.at("columns").as_array().size() == 2);
}

TEST_CASE("a name is sent as a value, whatever it holds") {
    Bench bench;
    const auto error = bench.refusal(tools::mysql::describe_tool(bench.work()), {{"table", "x' OR 1=1 -- "}});
    CHECK(error.at("kind") == "not_found");
    for (const auto& sql : bench.source.asked) CHECK_THAT(sql, !Catch::Contains("OR 1=1"));
}

TEST_CASE("a source without a database names the way to its tables") {
    Bench bench;
    bench.source.where.database.clear();
    bench.confirm("STAGING");
    const auto error = bench.refusal(tools::mysql::describe_tool(bench.work()), {});
    CHECK_THAT(std::string(error.at("hint").as_string()), Catch::Contains("schema.table"));
    CHECK(bench.source.asked.empty());
}

TEST_CASE("a long list of tables is shown in part and filed whole") {
    Bench bench;
    bench.limits.preview_tokens_max = 100;
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (int i = 0; i < 200; ++i)
        rows.push_back({"t" + std::to_string(i), "BASE TABLE", "InnoDB", "1", "16384", ""});
    bench.source.tables = {{"information_schema.TABLES", table_of(table_names, rows)}};

    const auto answer = bench.describe({});

    CHECK(answer.at("tables").as_array().size() < 10);
    CHECK(answer.at("truncated") == true);
    CHECK_THAT(std::string(answer.at("reason").as_string()), Catch::Contains("like narrows"));
    CHECK(json::parse(ToolBench::file(answer, "db_schema.describe.json")).at("tables").as_array().size() ==
          200);
}
