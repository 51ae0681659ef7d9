// The names that a server has to be asked about before it is handed the statement.

#include "policy/sql_calls.h"

#include "base/text.h"
#include "policy/sql_functions.h"
#include "tests/support/catch.h"

using namespace casefile::policy;

TEST_CASE("of the functions that a statement calls, those that some server may lack are named, each once") {
    const auto named = [](const char* sql) { return casefile::join(functions_not_everywhere(sql), " "); };
    CHECK(named("SELECT any_value(a), ANY_VALUE (b), Bin_To_Uuid/**/(c) FROM t") == "ANY_VALUE BIN_TO_UUID");
    CHECK(named("EXPLAIN SELECT 1 FROM (SELECT MEDIAN(a) OVER () FROM t) AS d") == "MEDIAN");
    CHECK(named("SHOW STATUS WHERE JSON_VALID(Value)") == "JSON_VALID");
    CHECK(named("SELECT COUNT(*), CONCAT(a, 'any_value('), `x` /* ANY_VALUE( */, any_value FROM t").empty());
    CHECK(named("SELECT 'not closed").empty());
}

TEST_CASE("what every server has built in is a part of what may be called, and what only one has is not") {
    for (const auto* name : {"COUNT", "CONCAT", "NOW", "IF", "DATE_FORMAT", "UUID"}) {
        INFO(name);
        CHECK(is_harmless_function(name));
        CHECK(is_built_in_everywhere(name));
    }
    for (const auto* name : {"ANY_VALUE", "BIN_TO_UUID", "ST_SIMPLIFY", "REGEXP_LIKE", "GROUPING", "MEDIAN",
                             "JSON_VALUE", "JSON_EXTRACT", "NATURAL_SORT_KEY", "ROW_NUMBER", "ST_COLLECT"}) {
        INFO(name);
        CHECK(is_harmless_function(name));
        CHECK_FALSE(is_built_in_everywhere(name));
    }
}
