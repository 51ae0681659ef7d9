#include "tools/diff/compare.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::tools::diff;

namespace {

using Kind = Value::Kind;

const Value null_value{Kind::null};
const Value unset{Kind::unset};
const Value missing{Kind::missing};
Value number(const char* text) { return {Kind::number, text}; }
Value moment(const char* text) { return {Kind::moment, text}; }
Value text(std::string bytes) { return {Kind::text, std::move(bytes)}; }
Value untyped(std::string bytes) { return {Kind::untyped, std::move(bytes)}; }
Value boolean(bool value) { return {Kind::boolean, value ? "true" : "false"}; }
Value object(const char* json) { return {Kind::object, json}; }
Value array(const char* json) { return {Kind::array, json}; }
Value list{Kind::other_type, "list"};

struct Row {
    Value left, right;
    Verdict verdict;
    const char* why;
};

Verdict turned_round(Verdict verdict) {
    if (verdict == Verdict::missing_left) return Verdict::missing_right;
    if (verdict == Verdict::missing_right) return Verdict::missing_left;
    return verdict;
}

/// Every rule holds whichever side is left.
void check(const std::vector<Row>& rows, const FieldRule& rule = {}) {
    for (const auto& row : rows) {
        INFO(row.why << ": '" << row.left.text << "' and '" << row.right.text << "'");
        CHECK(std::string(name_of(compare(row.left, row.right, rule))) == name_of(row.verdict));
        CHECK(std::string(name_of(compare(row.right, row.left, rule))) == name_of(turned_round(row.verdict)));
    }
}

}  // namespace

TEST_CASE("NULL, the empty string, the text NULL and a field that is not there are four things") {
    check({
        {null_value, null_value, Verdict::match, "NULL is NULL"},
        {null_value, text(""), Verdict::changed, "NULL is not ''"},
        {null_value, untyped("NULL"), Verdict::changed, "NULL is not the text"},
        {null_value, missing, Verdict::missing_right, "the writer of the JSON left it out"},
        {null_value, unset, Verdict::match, "a hash has no other way to hold NULL"},
        {text("x"), unset, Verdict::missing_right, "a value is not NULL"},
        {text(""), unset, Verdict::missing_right, "'' is a value"},
        {number("0"), missing, Verdict::missing_right, "0 is a value"},
        {number("0"), null_value, Verdict::changed, "0 is not NULL"},
        {boolean(false), null_value, Verdict::changed, "false is not NULL"},
        {missing, missing, Verdict::match, "neither has it"},
        {object("{}"), null_value, Verdict::changed, "{} is not NULL"},
    });
}

TEST_CASE("numbers are equal by value and to the last digit") {
    check({
        {number("12.50"), number("12.5"), Verdict::match, "a trailing zero"},
        {number("12.50"), text("12.5"), Verdict::match, "JSON holds it as a string"},
        {number("12.50"), untyped("1.25e1"), Verdict::match, "written by a double"},
        {number("7"), text("7"), Verdict::match, "a number and its text"},
        {number("7"), text("007"), Verdict::match, "one side says that it is a number"},
        {number("18446744073709551615"), number("18446744073709551615"), Verdict::match, "BIGINT UNSIGNED"},
        {number("18446744073709551615"), number("18446744073709551616"), Verdict::changed,
         "equal as doubles"},
        {number("0.300000000000000000000000000001"), number("0.3"), Verdict::changed, "the thirtieth digit"},
        {number("9007199254740993"), number("9007199254740992"), Verdict::changed, "beyond 2^53"},
        {number("-0"), number("0"), Verdict::match, "zero"},
        {number("12"), text("twelve"), Verdict::type_differs, "a number and a word"},
        {number("12"), untyped(""), Verdict::changed, "nothing says what an untyped text is"},
        {untyped("12.50"), untyped("12.5"), Verdict::match, "two CSVs"},
        {untyped("007"), untyped("7"), Verdict::changed, "may be a code"},
        {untyped("1e5"), untyped("100000"), Verdict::changed, "may be a code"},
        {text("1.10"), text("1.1"), Verdict::changed, "texts, such as versions"},
        {text("007"), untyped("7"), Verdict::changed, "one side says that it is text"},
    });
}

TEST_CASE("a tolerance makes a field a number and is exact") {
    check(
        {
            {number("10.00"), number("10.01"), Verdict::match, "at the edge"},
            {number("10.00"), number("10.0100000001"), Verdict::changed, "beyond it"},
            {text("10.00"), text("9.99"), Verdict::match, "texts too"},
            {untyped("010"), untyped("10"), Verdict::match, "declared as a number"},
            {text("abc"), text("abd"), Verdict::changed, "no numbers after all"},
        },
        {.tolerance = Decimal::parse("0.01")});
}

TEST_CASE("truth is compared as systems write it") {
    check({
        {boolean(true), number("1"), Verdict::match, "TINYINT(1)"},
        {boolean(false), number("0"), Verdict::match, "TINYINT(1)"},
        {boolean(true), number("0"), Verdict::changed, "not the same truth"},
        {boolean(true), untyped("true"), Verdict::match, "a hash"},
        {boolean(true), text("TRUE"), Verdict::match, "another case"},
        {boolean(true), untyped("1"), Verdict::match, "a hash"},
        {boolean(true), number("2"), Verdict::type_differs, "2 is no truth"},
        {boolean(true), text("yes"), Verdict::type_differs, "not guessed"},
        {boolean(true), boolean(false), Verdict::changed, "JSON on both sides"},
        {number("1"), untyped("true"), Verdict::match, "TINYINT(1) and a hash"},
        {number("1"), untyped("false"), Verdict::changed, "TINYINT(1) and a hash"},
        {number("2"), untyped("true"), Verdict::changed, "2 is no truth"},
        {number("0"), text("false"), Verdict::match, "a JSON string"},
        {text("1"), text("true"), Verdict::changed, "two texts"},
    });
}

TEST_CASE("timestamps are equal as instants") {
    check({
        {text("2026-11-22 14:02:03.000000"), text("2026-11-22T14:02:03Z"), Verdict::match,
         "DATETIME(6) and RFC 3339"},
        {text("2026-11-22 14:02:03.120000"), text("2026-11-22T15:02:03.12+01:00"), Verdict::match,
         "another zone"},
        {text("2026-11-22 14:02:03.120001"), text("2026-11-22T14:02:03.12Z"), Verdict::changed,
         "a microsecond"},
        {text("2026-11-22 14:02:03"), number("1795356123"), Verdict::type_differs, "epochs are not guessed"},
        {text("2026-11-22 00:00:00"), text("2026-11-22"), Verdict::changed, "a date is no instant"},
        {text("0000-00-00 00:00:00"), text("0000-00-00 00:00:00"), Verdict::match, "the same text"},
    });
    check({{text("2026-11-22 14:02:03"), text("2026-11-22T12:02:03Z"), Verdict::match, "a local DATETIME"}},
          {.zone_seconds = 7200});
}

TEST_CASE("a TIMESTAMP is in UTC, whatever zone times without one are in") {
    check({{moment("2026-11-22 14:02:03"), text("2026-11-22T14:02:03.000Z"), Verdict::match, "the same"},
           {moment("2026-11-22 14:02:03"), moment("2026-11-22 14:02:03.000"), Verdict::match, "two of them"},
           {moment("2026-11-22 12:02:03"), text("2026-11-22 14:02:03"), Verdict::match, "a local DATETIME"},
           {moment("2026-11-22 14:02:03"), text("2026-11-22 14:02:03"), Verdict::changed,
            "the same digits, two hours apart"},
           {moment("2026-11-22 14:02:03"), moment("2026-11-22 14:02:03"), Verdict::match, "the same digits"},
           {moment("0000-00-00 00:00:00"), text("0000-00-00 00:00:00"), Verdict::match, "no time at all"}},
          {.zone_seconds = 7200});
    check({{moment("2026-11-22 14:02:03"), untyped("2026-11-22 14:02:03"), Verdict::match, "both in UTC"},
           {moment("2026-11-22 14:02:03"), number("1795356123"), Verdict::type_differs, "not guessed"}});
    check({{moment("2026-11-22 14:02:03.5"), number("1795356123500"), Verdict::match, "declared"}},
          {.zone_seconds = 7200, .reading = {.epoch_digits = 3}});
    check({{moment("2026-11-22 14:02:03"), text("2026-11-22T14:02:05Z"), Verdict::match, "within"}},
          {.tolerance = Decimal::parse("2"), .zone_seconds = 7200});
}

TEST_CASE("times of day are equal at any precision") {
    check({
        {text("10:00:00"), text("10:00:00.000"), Verdict::match, "TIME and TIME(3)"},
        {text("10:00:00.5"), untyped("10:00:00.500000"), Verdict::match, "a fraction"},
        {text("-838:59:59"), untyped("-838:59:59.0"), Verdict::match, "the least TIME"},
        {text("10:00:00"), text("10:00:00.001"), Verdict::changed, "a millisecond"},
        {text("10:00:00"), text("-10:00:00.0"), Verdict::changed, "its sign"},
        {text("10:00"), text("10:00:00"), Verdict::changed, "may be minutes"},
        {text("10:60:00"), text("10:60:00.0"), Verdict::changed, "no time"},
    });
    check({{text("10:00:00"), text("10:00:02.5"), Verdict::match, "within"}},
          {.tolerance = Decimal::parse("2.5")});
}

TEST_CASE("numbers declared as times may be before 1970") {
    check({{number("-1"), text("1969-12-31T23:59:59Z"), Verdict::match, "a second before"},
           {number("-1.5"), text("1969-12-31 23:59:58.5"), Verdict::match, "a fraction"},
           {number("0"), text("1970-01-01 00:00:00"), Verdict::match, "the epoch"},
           {number("-86400"), text("1969-12-31 00:00:00"), Verdict::match, "a day before"},
           {number("-62167219200"), text("0000-01-01 00:00:00"), Verdict::match, "the first there is"},
           {number("-62167219201"), text("0000-01-01 00:00:00"), Verdict::type_differs, "before it"}},
          {.reading = {.epoch_digits = 0}});
    check({{number("-1500"), text("1969-12-31 23:59:58.500"), Verdict::match, "milliseconds"},
           {number("-1"), text("1969-12-31 23:59:59.999"), Verdict::match, "one of them"},
           {number("-1000"), text("1969-12-31 23:59:59"), Verdict::match, "a whole second"}},
          {.reading = {.epoch_digits = 3}});
}

TEST_CASE("JSON is compared by what it means") {
    check({
        {object(R"({"a":1,"b":2.50})"), text(R"({ "b": 2.5, "a": 1 })"), Verdict::match, "a JSON column"},
        {object(R"({"a":1})"), text(R"({"a":2})"), Verdict::changed, "another value"},
        {object(R"({"a":1})"), text("plain"), Verdict::type_differs, "an object and a word"},
        {object(R"({"a":1})"), number("1"), Verdict::type_differs, "an object and a number"},
        {object("{}"), array("[]"), Verdict::type_differs, "an object and an array"},
        {array("[1,2]"), untyped("[1, 2]"), Verdict::match, "an array as text"},
        {array("[1,2]"), array("[2,1]"), Verdict::changed, "order counts in an array"},
        {text(R"({"a": 1})"), untyped(R"({"a":1})"), Verdict::match, "spaces do not count, in two texts"},
        {text(R"({"a": 1)"), untyped(R"({"a":1})"), Verdict::changed, "one is broken"},
        {boolean(true), array("[]"), Verdict::type_differs, "a truth and an array"},
    });
}

TEST_CASE("bytes are equal byte by byte, and as casefile writes them") {
    check({
        {text("Käse"), untyped("Käse"), Verdict::match, "unicode"},
        {text("Ka\xCC\x88se"), text("Käse"), Verdict::changed, "composed in another way is another text"},
        {text("x "), text("x"), Verdict::changed, "a space at the end counts"},
        {text("X"), text("x"), Verdict::changed, "case counts"},
        {text(std::string("\x00\xFF", 2)), untyped("base64:AP8="), Verdict::match, "an earlier run's CSV"},
        {text(std::string("\x00\xFE", 2)), untyped("base64:AP8="), Verdict::changed, "other bytes"},
        {list, text("x"), Verdict::type_differs, "the key holds a list"},
        {list, missing, Verdict::type_differs, "the key holds a list"},
    });
}
