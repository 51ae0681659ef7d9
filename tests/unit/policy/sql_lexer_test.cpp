#include "policy/sql_lexer.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::policy;
using Kind = SqlToken::Kind;

namespace {

const char* letter(Kind kind) {
    switch (kind) {
        case Kind::word:
            return "w";
        case Kind::quoted_name:
            return "q";
        case Kind::string:
            return "s";
        case Kind::number:
            return "n";
        case Kind::system_variable:
            return "v";
        case Kind::placeholder:
            return "p";
        case Kind::hint:
            return "h";
        case Kind::symbol:
            return "y";
    }
    return "";
}

/// "w:SELECT n:1" for `SELECT 1`; "refused" when it cannot be read.
std::string shape(std::string_view sql) {
    const auto tokens = lex_sql(sql);
    if (!tokens) return "refused";
    std::string out;
    for (const auto& token : *tokens)
        out += (out.empty() ? "" : " ") + std::string(letter(token.kind)) + ":" + std::string(token.text);
    return out;
}

struct Case {
    std::string sql;
    std::string expected;
};

}  // namespace

TEST_CASE("tokens are those that the servers see") {
    const std::vector<Case> cases = {
        {"SELECT a,b", "w:SELECT w:a y:, w:b"},
        {"SELECT'a'\"b\"`c`", "w:SELECT s:'a' s:\"b\" q:`c`"},
        {"'it''s' 'it\\'s' \"a\"\"b\" `a``b`", "s:'it''s' s:'it\\'s' s:\"a\"\"b\" q:`a``b`"},
        {"'\\\\' x", "s:'\\\\' w:x"},
        {"`a\\` x", "q:`a\\` w:x"},
        {"_utf8mb4'a' N'b'", "w:_utf8mb4 s:'a' w:N s:'b'"},
        {"X'4a' x'' b'01' 0x4A 0b01", "n:X'4a' n:x'' n:b'01' n:0x4A n:0b01"},
        {"0X41 0xZZ 0b2", "w:0X41 w:0xZZ w:0b2"},
        {"1 1.5 .5 5. 1e5 1E+5 1.5e-5 1.e5", "n:1 n:1.5 n:.5 n:5. n:1e5 n:1E+5 n:1.5e-5 n:1.e5"},
        {"2fa 1e 1_000", "w:2fa w:1e w:1_000"},
        {"t.x'a'", "w:t y:. w:x s:'a'"},
        {"@@version @@global.a.b", "v:@@version v:@@global.a.b"},
        {"@@`a`.b @@a.`b`x", "v:@@`a`.b v:@@a.`b` w:x"},
        {"{fn a}", "y:{ w:fn w:a y:}"},
        {"\\Nx \\N", "n:\\N w:x n:\\N"},
        {"@x", "y:@ w:x"},
        {"a:=1", "w:a y::= n:1"},
        {"a=?", "w:a y:= p:?"},
        {"größe", "w:größe"},
        {"a -- b\nc", "w:a w:c"},
        {"a --", "w:a"},
        {"1--1", "n:1 y:- y:- n:1"},
        {"a # b\rc\nd", "w:a w:d"},
        {"a/* b */c", "w:a w:c"},
        {"a/**/c", "w:a w:c"},
        {"SELECT /*+ BKA(t) */ 1", "w:SELECT h:/*+ BKA(t) */ n:1"},
        {"a\v\f\r\n\tb", "w:a w:b"},
    };
    for (const auto& one : cases) {
        INFO(one.sql);
        CHECK(shape(one.sql) == one.expected);
    }
}

TEST_CASE("what servers would cut differently, or not at all, is refused") {
    for (const std::string sql :
         {"'a",        "\"a",          "`a",       "'a\\'",    "/* a",        "/*",   "/*/",  "/*! a */",
          "/*M! a */", "/* a /* b */", "1e5a",     "1.5a",     "1.a",         ".5a",  "1.e",  "1e+",
          "1.e(",      "t.5",          "`t`.1e5a", "X'4g'",    "X'4",         "B'2'", "$a",   "$$",
          "\\n",       "\\",           ":a",       "[a]",      "@@",          "@@ a", "@@`a", "@@a.",
          "a\x01",     "\x7F",         "\xFF",     "\xC0\xAF", "\xED\xA0\x80"}) {
        INFO(sql);
        CHECK(shape(sql) == "refused");
    }
    CHECK(shape(std::string("'a\0b'", 5)) == "refused");
}

TEST_CASE("the placeholders of other drivers are refused with the form that is taken here") {
    const auto hint = [](std::string_view sql) { return lex_sql(sql).error().hint; };
    for (const std::string sql : {"id = $1", "id=$12", "id = :id", "id=:id", ":1", "IN (:a, :b)"}) {
        INFO(sql);
        CHECK(hint(sql) == "write ? for each value, and give the values in params");
    }
    for (const std::string sql : {"l: LOOP", "l:LOOP", "id::text", "t > 10:30", "id = [1]"}) {
        INFO(sql);
        CHECK(hint(sql) == "write plain MySQL or MariaDB syntax");
    }
    CHECK(hint("id = $id") ==
          "write such a name in backticks, or ? for a value, and give the value in params");
}

TEST_CASE("a word right after a dot is a name, whatever the word") {
    const auto tokens = lex_sql("t.into, t. into, `a`.into");
    REQUIRE(tokens);
    CHECK((*tokens)[2].after_dot);
    CHECK_FALSE((*tokens)[6].after_dot);
    CHECK((*tokens)[10].after_dot);
}

TEST_CASE("names are compared without quotes and in upper case") {
    const auto tokens = lex_sql("Orders `odd``name` 'x'");
    REQUIRE(tokens);
    CHECK((*tokens)[0].name == "ORDERS");
    CHECK((*tokens)[1].name == "ODD`NAME");
    CHECK((*tokens)[2].name.empty());
}
