// What names a case, so that no pack for others tells it.

#include "tools/admin/identifiers.h"
#include "tests/support/pace.h"
#include "tests/unit/tools/record_tools.h"
#include "tools/admin/tools.h"
#include "tools/resources/filed_names.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

std::string tables(const std::string& sql) {
    std::string out;
    for (const auto& name : resources::tables_in(sql)) out += (out.empty() ? "" : " ") + name;
    return out;
}

}  // namespace

TEST_CASE("the tables of a statement are those that policy finds, wherever they stand") {
    CHECK(tables("SELECT 1 FROM alpha_orders a, beta_customers b") == "alpha_orders beta_customers");
    CHECK(tables("SELECT 1 FROM shop.orders o JOIN (`old prices` p, fees) USING (id)") ==
          "shop orders old prices fees");
    CHECK(tables("TABLE orders") == "orders");
    CHECK(tables("EXPLAIN SELECT 1 FROM a, b") == "a b");
    // No table stands behind this FROM.
    CHECK(tables("SELECT EXTRACT(DAY FROM created_at) FROM orders") == "orders");
}

TEST_CASE("of a statement that policy cannot follow the words behind FROM and the like count as well") {
    CHECK(tables("SHOW COLUMNS FROM orders") == "orders");
    CHECK(tables("SHOW COLUMNS FROM orders WHERE Field IN (SELECT name FROM fields, more)") ==
          "fields more orders fields");
    CHECK(tables("DESCRIBE shop.orders") == "shop orders");
    CHECK(tables("UPDATE users SET x = 1 WHERE id IN (SELECT id FROM a, b)") == "a b users a");
    CHECK(tables("SELECT 1 FROM a, b; SELECT 1 FROM c") == "a b a c");
    CHECK(tables("SELECT 'open FROM users") == "users");
    // Too deep for policy.
    CHECK(tables("SELECT 1 FROM " + std::string(300, '(') + "users" + std::string(300, ')')) == "users");
}

TEST_CASE("a pack for others is refused when it names any table that the case read") {
    ToolBench bench;
    filed_run(bench, "query_mysql", "x", {{"sql", "SELECT 1 FROM alpha_orders a, beta_customers b"}});
    filed_run(bench, "diff", "x",
              {{"left", {{"mysql", {{"sql", "SELECT id FROM (gamma_fees, delta_fees)"}}}}}});
    for (const auto* planted : {"look at alpha_orders", "look at beta_customers", "ask DELTA_FEES"})
        CHECK_THAT(refusal_of(bench, admin::learn_tool(bench.work()), {{"global", planted}}),
                   Catch::Contains("still holds"));
}

TEST_CASE("what stands in a placeholder is left as it is") {
    const admin::Identifiers found = {{"ab", {"ab", "<table-1>", true}},
                                      {"shop.ab", {"shop.ab", "<x-2>", true}}};
    CHECK(admin::without_identifiers("ab, AB and shop.ab; abc", found) ==
          "<table-1>, <table-1> and <x-2>; abc");
    CHECK(admin::without_identifiers("<ab> <ab-1> <<ab>", found) == "<ab> <ab-1> <<ab>");
    CHECK(admin::without_identifiers("<ab ab> ab> <ab\n>", found) ==
          "<<table-1> <table-1>> <table-1>> <<table-1>\n>");
    CHECK(admin::without_identifiers("< ab > <x>ab<y>", found) == "< <table-1> > <x><table-1><y>");
}

TEST_CASE("names are looked for in time by the text's length alone") {
    const admin::Identifiers found = {{"ab", {"ab", "<table-1>", true}}};
    const auto look = [&](std::size_t times) {
        std::string text;
        for (std::size_t i = 0; i < times; ++i) text += "ab ";
        admin::identifiers_in(text, found);
    };
    CHECK(growth(look, 10'000) < 10);
}
