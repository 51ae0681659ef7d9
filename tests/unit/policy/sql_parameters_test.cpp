#include "policy/sql_statement.h"

#include "policy/sql_lexer.h"
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

TEST_CASE("numbers of all kinds become digits that mean the same number") {
    CHECK(bound("SELECT ?, ?", "[9223372036854775807, 0]") == "SELECT 9223372036854775807, 0");
    CHECK(bound("SELECT ?, ?", "[1e300, 5e-324]") == "SELECT 1e+300, 5e-324");
    CHECK(bound("SELECT ?, ?", "[-1e-7, -0.0]") == "SELECT (-1e-7), 0");
    CHECK(bound("SELECT ?", "[-1234.5678]") == "SELECT (-1234.5678)");
}

TEST_CASE("strings are hexadecimal digits, whatever bytes they hold") {
    CHECK(bound("SELECT ?", R"(["\u0000"])") == "SELECT _utf8mb4 X'00'");
    CHECK(bound("SELECT ?", R"(["a\nb\\N\u001a"])") == "SELECT _utf8mb4 X'610a625c4e1a'");
    CHECK(bound("SELECT ?", R"(["表'\\"])") == "SELECT _utf8mb4 X'e8a1a8275c'");
    CHECK(bound("SELECT ?", R"(["😀"])") == "SELECT _utf8mb4 X'f09f9880'");
}

TEST_CASE("a value that makes the statement too long is refused when it is judged again") {
    const auto judged = [](std::size_t length) {
        const auto sql = bind_parameters("SELECT ?", json::array{json::value(std::string(length, 'x'))});
        return sql && judge_sql(*sql).allowed;
    };
    CHECK(judged(sql_bytes_max / 2 - 50));
    CHECK_FALSE(judged(sql_bytes_max / 2));
}

TEST_CASE("wherever a placeholder stands, its literal adds its own tokens and changes no other") {
    struct Value {
        const char* params;
        std::size_t tokens;  ///< of its literal
    };
    const Value values[] = {{"[5]", 1},    {"[-5]", 4},   {"[1.5e300]", 1},    {"[null]", 1},
                            {"[true]", 1}, {"[\"\"]", 2}, {"[\"' -- /*\"]", 2}};
    for (const std::string sql : {"a?b",        "'a'?'b'",  "\"a\"?\"b\"", "`a`?`b`",
                                  "1?2",        "1.?",      ".?.",         "?.5",
                                  "@@version?", "@@`a`?",   "--?",         "-?-",
                                  "/?*2",       "*?/",      "/**/?/**/",   "?-- x",
                                  "?#x",        "X?",       "x?'41'",      "b?'1'",
                                  "N?'a'",      "_latin1?", "0x?",         "0b?1",
                                  "1e?",        "?e5",      "\\N?",        "{?}",
                                  "<?=",        "|?|",      "(?)",         "SELECT/*+ BKA(a) */?"}) {
        const auto before = lex_sql(sql);
        REQUIRE(before);
        for (const auto& value : values) {
            const auto result = bound(sql, value.params);
            INFO(sql << " with " << value.params << " gives " << result);
            const auto after = lex_sql(result);
            REQUIRE(after);
            REQUIRE(after->size() == before->size() - 1 + value.tokens);
            std::size_t shift = 0;
            for (std::size_t i = 0; i < before->size(); ++i) {
                if ((*before)[i].kind == SqlToken::Kind::placeholder)
                    shift = value.tokens - 1;
                else
                    CHECK((*after)[i + shift].text == (*before)[i].text);
            }
        }
    }
}

TEST_CASE("a literal that turns a name into a call is refused when the statement is judged again") {
    CHECK_FALSE(judge_sql(bound("SELECT sleep?", "[-5]")).allowed);
    CHECK_FALSE(judge_sql(bound("SELECT ? INTO @x", "[1]")).allowed);
    CHECK_FALSE(judge_sql(bound("SELECT @?", "[1]")).allowed);
    CHECK(judge_sql(bound("SELECT * FROM orders LIMIT ?", "[5]")).allowed);
}

TEST_CASE("question marks that the servers take for text are none") {
    CHECK(bound("SELECT /* ?", "[1]") == "error: statement not allowed: a comment is not closed");
    CHECK(bound("SELECT `?", "[1]") == "error: statement not allowed: a name in backticks is not closed");
    CHECK(bound("SELECT '\\'?'", "[]") == "SELECT '\\'?'");
    CHECK(bound("SELECT '''?', \"\"\"?\", `a``?`", "[]") == "SELECT '''?', \"\"\"?\", `a``?`");
    CHECK(bound("SELECT /*+ BKA(?) */ 1 # ?\n, ?", "[2]") == "SELECT /*+ BKA(?) */ 1 # ?\n, 2");
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
    CHECK(bound("SELECT ?", "[[]]") ==
          "error: params[0]: expected a string, number, boolean or null, got array");
    CHECK(bound("SELECT ?", "[{}]") ==
          "error: params[0]: expected a string, number, boolean or null, got object");
}

TEST_CASE("text that cannot be read as SQL is not bound") {
    CHECK(bound("SELECT 'a ?", "[1]") == "error: statement not allowed: a string is not closed");
}
