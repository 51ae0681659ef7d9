#include "policy/plan_cost.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::policy;

namespace {

const std::vector<std::string> columns = {"id",  "select_type", "table",    "type", "possible_keys",
                                          "key", "rows",        "filtered", "Extra"};

/// id, select_type, table, type, possible_keys, key, rows, filtered
PlanCells plan(std::vector<std::vector<std::optional<std::string>>> rows) { return rows; }

PlanCost scan(const std::string& table, const std::string& rows) {
    return cost_of_plan(columns,
                        plan({{"1", "SIMPLE", table, "ALL", std::nullopt, std::nullopt, rows, "100"}}));
}

}  // namespace

TEST_CASE("a scan reads its table once, whatever part its conditions leave") {
    const auto cost = cost_of_plan(
        columns, plan({{"1", "SIMPLE", "orders", "ALL", std::nullopt, std::nullopt, "52000000", "1.00"}}));

    CHECK(cost.rows_read == 52'000'000);
    REQUIRE(cost.steps.size() == 1);
    CHECK(cost.steps[0].access == "ALL");
    CHECK(cost.steps[0].key.empty());
}

TEST_CASE("the second table of a join is read once for each row that the first one leaves") {
    const auto cost =
        cost_of_plan(columns, plan({{"1", "SIMPLE", "o", "ALL", std::nullopt, std::nullopt, "1000", "10.00"},
                                    {"1", "SIMPLE", "l", "ref", "order_id", "order_id", "5", "100.00"}}));

    CHECK(cost.rows_read == 1'000 + 100 * 5);
    CHECK(heaviest(cost)->table == "o");
}

TEST_CASE("two tables without a common key are read against each other") {
    const auto cost = cost_of_plan(
        columns, plan({{"1", "SIMPLE", "a", "ALL", std::nullopt, std::nullopt, "20000", "100"},
                       {"1", "SIMPLE", "b", "ALL", std::nullopt, std::nullopt, "30000", "100"}}));

    CHECK(cost.rows_read == 20'000 + 600'000'000.0);
}

TEST_CASE("a subquery that depends on its surroundings is read for each of their rows, another one once") {
    for (const auto& [type, expected] : std::vector<std::pair<std::string, double>>{
             {"DEPENDENT SUBQUERY", 1'000 + 1'000 * 7}, {"SUBQUERY", 1'000 + 7}, {"DERIVED", 1'000 + 7}}) {
        const auto cost = cost_of_plan(
            columns, plan({{"1", "PRIMARY", "o", "ALL", std::nullopt, std::nullopt, "1000", "100"},
                           {"2", type, "l", "ref", "k", "k", "7", "100"}}));
        INFO(type);
        CHECK(cost.rows_read == expected);
    }
}

TEST_CASE("a plan without rows, or with cells that hold no number, costs nothing and breaks nothing") {
    CHECK(cost_of_plan({}, {}).rows_read == 0);
    CHECK(cost_of_plan(columns, plan({{}})).rows_read == 0);
    CHECK(cost_of_plan(columns, plan({{"1", "SIMPLE", "t", "ALL", std::nullopt, std::nullopt, "many", "x"}}))
              .rows_read == 0);
    CHECK(cost_of_plan(columns, plan({{"1", "SIMPLE", std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                                       std::nullopt, std::nullopt}}))
              .steps.empty());
    CHECK(heaviest({}) == nullptr);
}

TEST_CASE("a plan is asked for only where a table is named") {
    for (const auto* sql :
         {"SELECT * FROM t", "(SELECT 1 FROM t)", "WITH a AS (SELECT 1 FROM t) SELECT * FROM a", "TABLE t",
          "SELECT (SELECT MAX(id) FROM t)"}) {
        INFO(sql);
        CHECK(is_worth_explaining(sql));
    }
    for (const auto* sql : {"SELECT 1", "SELECT NOW(), @@version", "SHOW TABLES FROM shop", "DESCRIBE t",
                            "EXPLAIN SELECT * FROM t", "VALUES (1)", "SELECT 'FROM t'", ""}) {
        INFO(sql);
        CHECK_FALSE(is_worth_explaining(sql));
    }
}

TEST_CASE("a statement stops at its first rows only where nothing is looked for, ordered or computed") {
    for (const auto* sql : {"SELECT * FROM t", "SELECT id, name FROM t LIMIT 10",
                            "SELECT t.id FROM shop.t t LIMIT 5, 10", "TABLE t"}) {
        INFO(sql);
        CHECK(stops_at_first_rows(sql));
    }
    for (const auto* sql :
         {"SELECT COUNT(*) FROM t", "SELECT * FROM t WHERE a = 1", "SELECT * FROM t ORDER BY a LIMIT 1",
          "SELECT DISTINCT a FROM t", "SELECT a FROM t GROUP BY a", "SELECT * FROM t JOIN u",
          "SELECT * FROM t, u", "SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 1",
          "SELECT a FROM t UNION SELECT a FROM u", "SELECT * FROM (SELECT 1 FROM t) x", "SHOW TABLES", ""}) {
        INFO(sql);
        CHECK_FALSE(stops_at_first_rows(sql));
    }
}

TEST_CASE("a limit of numbers at the end is read, offset included") {
    CHECK(rows_limited_to("SELECT * FROM t LIMIT 10") == 10);
    CHECK(rows_limited_to("SELECT * FROM t LIMIT 5, 10;") == 15);
    CHECK(rows_limited_to("SELECT * FROM t LIMIT 10 OFFSET 5") == 15);
    CHECK_FALSE(rows_limited_to("SELECT * FROM t"));
    CHECK_FALSE(rows_limited_to("SELECT * FROM t LIMIT 99999999999999999999999"));
    CHECK_FALSE(rows_limited_to("(SELECT * FROM t LIMIT 10)"));
}

TEST_CASE("the index that would help names the compared columns, equality first") {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"SELECT * FROM orders WHERE created_at > '2026-01-01' AND status = 'paid'",
         "an index on orders (status, created_at) would help"},
        {"SELECT * FROM orders WHERE status IN ('a','b') AND total BETWEEN 1 AND 2",
         "an index on orders (status, total) would help"},
        {"SELECT * FROM orders WHERE note NOT LIKE '%x%'", "an index on orders (note) would help"},
        {"SELECT * FROM orders WHERE 5 < total", "an index on orders (total) would help"},
        {"SELECT * FROM orders WHERE orders.status = 1", "an index on orders (status) would help"},
        {"SELECT COUNT(*) FROM orders",
         "no condition names a bare column of orders; one on an indexed column, or a smaller question, would "
         "help"},
        {"SELECT * FROM orders WHERE DATE(created_at) = '2026-01-01'",
         "no condition names a bare column of orders; one on an indexed column, or a smaller question, would "
         "help"},
        {"SELECT a FROM orders ORDER BY b",
         "no condition names a bare column of orders; one on an indexed column, or a smaller question, would "
         "help"},
    };
    for (const auto& [sql, advice] : table) {
        INFO(sql);
        CHECK(index_advice(sql, scan("orders", "5000000")) == advice);
    }
}

TEST_CASE("in a join the advice keeps to the columns of the heaviest table") {
    const auto cost = cost_of_plan(
        columns, plan({{"1", "SIMPLE", "o", "ref", "status", "status", "10", "100"},
                       {"1", "SIMPLE", "l", "ALL", std::nullopt, std::nullopt, "9000000", "100"}}));

    CHECK(index_advice("SELECT * FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.status = 1", cost) ==
          "an index on l (order_id) would help");
}

TEST_CASE("an index that is used, or that the server passes over, is named") {
    auto used = scan("orders", "5000000");
    used.steps[0].key = "status";
    CHECK_THAT(index_advice("SELECT * FROM orders WHERE status = 1", used),
               Catch::StartsWith("index status of orders is used and leaves this many"));
    auto offered = scan("orders", "5000000");
    offered.steps[0].offered = "status";
    CHECK_THAT(index_advice("SELECT * FROM orders WHERE status = 1", offered),
               Catch::Contains("the server finds a full scan cheaper"));
}

TEST_CASE("a plan holds nothing that a terminal would obey") {
    const auto advice = index_advice("SELECT 1", scan("\x1B[31mt", "5"));
    CHECK(advice.find('\x1B') == std::string::npos);
}
