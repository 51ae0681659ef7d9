#include "policy/sql_statement.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::policy;

namespace {

std::string bound(std::string_view sql, const char* params) {
    const auto result = bind_parameters(sql, json::parse(params).as_array());
    return result ? *result : "error: " + result.error().message;
}

}  // namespace

TEST_CASE("each kind of value becomes a literal that needs no escaping") {
    CHECK(bound("SELECT ?", "[\"a'b\\\\\"]") == "SELECT _utf8mb4 X'6127625c'");
    CHECK(bound("SELECT ?", "[\"\"]") == "SELECT _utf8mb4 X''");
    CHECK(bound("SELECT ?", "[\"é\"]") == "SELECT _utf8mb4 X'c3a9'");
    CHECK(bound("SELECT ?, ?, ?", "[null, true, false]") == "SELECT NULL, TRUE, FALSE");
    CHECK(bound("SELECT ?, ?", "[7, 18446744073709551615]") == "SELECT 7, 18446744073709551615");
    CHECK(bound("SELECT ?, ?", "[-9223372036854775808, -1.5]") == "SELECT (-9223372036854775808), (-1.5)");
    CHECK(bound("SELECT ?", "[1.5]") == "SELECT 1.5");
}

TEST_CASE("only placeholders are replaced, not question marks in strings, names and comments") {
    CHECK(bound("SELECT '?', \"?\", `?`, ? /* ? */ -- ?", "[1]") == "SELECT '?', \"?\", `?`, 1 /* ? */ -- ?");
    CHECK(bound("SELECT 1", "[]") == "SELECT 1");
}

TEST_CASE("a literal never joins what stands beside it") {
    CHECK(bound("SELECT a?b", "[5]") == "SELECT a 5 b");
    CHECK(bound("SELECT 1-?", "[-1]") == "SELECT 1-(-1)");
    CHECK(bound("SELECT ??", "[1, 2]") == "SELECT 1 2");
    CHECK(bound("SELECT 'a'?", "[\"b\"]") == "SELECT 'a' _utf8mb4 X'62'");
}

TEST_CASE("a hostile value stays a value: the bound statement is still one allowed question") {
    for (const auto* hostile : {"[\"' OR SLEEP(5) -- \"]", "[\"\\\\' INTO OUTFILE 'x\"]",
                                "[\"; DROP TABLE orders\"]", "[\"/*! x */\"]", "[\"@x := 1\"]"}) {
        const auto sql =
            bind_parameters("SELECT * FROM orders WHERE status = ?", json::parse(hostile).as_array());
        REQUIRE(sql);
        CHECK(judge_sql(*sql).allowed);
    }
}

TEST_CASE("the number of values has to be that of the placeholders") {
    CHECK(bound("SELECT ?, ?", "[1]") ==
          "error: params: expected one value for each of 2 placeholders, got 1");
    CHECK(bound("SELECT '?'", "[1]") ==
          "error: params: expected one value for each of 0 placeholders, got 1");
}

TEST_CASE("lists and objects are no values, and the message names the place") {
    CHECK(bound("SELECT ?, ?", "[1, [2]]") ==
          "error: params[1]: expected a string, number, boolean or null, got array");
    CHECK(bound("SELECT ?", "[{}]") ==
          "error: params[0]: expected a string, number, boolean or null, got object");
}

TEST_CASE("text that cannot be read as SQL is not bound") {
    CHECK(bound("SELECT 'a ?", "[1]") == "error: statement not allowed: a string is not closed");
}
