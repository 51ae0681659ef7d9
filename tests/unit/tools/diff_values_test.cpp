#include "tests/support/catch.h"
#include "tools/diff/compare.h"
#include "tools/diff/json_members.h"
#include "tools/diff/timestamp.h"

using namespace casefile;
using namespace casefile::tools::diff;

namespace {

std::string number(std::string_view text) {
    const auto decimal = Decimal::parse(text);
    return decimal ? decimal->text() : "none";
}

bool within(const char* left, const char* right, const char* tolerance) {
    return Decimal::parse(left)->is_within(*Decimal::parse(tolerance), *Decimal::parse(right));
}

std::string moment(std::string_view text, std::int64_t zone_seconds = 0) {
    const auto timestamp = parse_timestamp(text, zone_seconds);
    return timestamp ? std::to_string(timestamp->seconds) + "." + timestamp->fraction : "none";
}

std::string normal(std::string_view text) {
    const auto json = ExactJson::parse(text);
    return json ? json->normal_form() : "none";
}

}  // namespace

TEST_CASE("decimals keep every digit, and one value has one form") {
    struct Row {
        const char* text;
        const char* form;
    };
    const Row rows[] = {
        {"12.50", "125e-1"},
        {"12.5", "125e-1"},
        {"1.25e1", "125e-1"},
        {"0.125E+2", "125e-1"},
        {"-12.5", "-125e-1"},
        {"0", "0"},
        {"-0.00", "0"},
        {"0e5", "0"},
        {"100", "1e2"},
        {"007", "7e0"},
        {".5", "5e-1"},
        {"18446744073709551615", "18446744073709551615e0"},
        {"12345678901234567890123456789012345.123456789012345678901234567891",
         "12345678901234567890123456789012345123456789012345678901234567891e-30"},
        {"", "none"},
        {"-", "none"},
        {"5.", "none"},
        {"+5", "none"},
        {" 5", "none"},
        {"5 ", "none"},
        {"1,000", "none"},
        {"0x10", "none"},
        {"NaN", "none"},
        {"1e", "none"},
        {"1e10001", "none"},
        {"1e99999999999999999999", "none"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        CHECK(number(row.text) == row.form);
    }
    CHECK(number(std::string(1001, '9')) == "none");
}

TEST_CASE("a tolerance is exact at its edge") {
    CHECK(within("12.50", "12.51", "0.01"));
    CHECK(within("12.51", "12.50", "0.01"));
    CHECK_FALSE(within("12.50", "12.510000000000000000000000000001", "0.01"));
    CHECK(within("-0.005", "0.005", "0.01"));
    CHECK_FALSE(within("-0.0051", "0.005", "0.01"));
    CHECK(within("1e3", "999.5", "0.5"));
    CHECK(within("7", "7.0", "0"));
    CHECK_FALSE(within("7", "7.0000000000000000000001", "0"));
    CHECK(within("0", "-0", "0"));
    CHECK(within("0", "0.3", "0.3"));
}

TEST_CASE("timestamps meet across zones and precisions, and nothing is guessed") {
    const auto same = [](const char* left, const char* right) {
        INFO(left << " and " << right);
        CHECK(moment(left) == moment(right));
        CHECK(moment(left) != "none");
    };
    same("2026-11-22 14:02:03", "2026-11-22T14:02:03Z");
    same("2026-11-22 14:02:03.100000", "2026-11-22T15:02:03.1+01:00");
    same("2026-11-22 23:30:00", "2026-11-23T01:00:00+01:30");
    same("2026-01-01 00:00:00", "2025-12-31T19:00:00-05:00");
    same("2024-02-29 00:00:00.000", "2024-02-29t00:00:00z");
    same("2026-11-22 14:02:03+0100", "2026-11-22T13:02:03Z");
    same("2026-11-22T14:02:03-05", "2026-11-22T19:02:03Z");
    same("2026-11-22 14:02:03.5 UTC", "2026-11-22T14:02:03.5Z");
    same("2026-11-22 14:02:03 +01:00", "2026-11-22T13:02:03Z");
    same("2026-11-22T14:02Z", "2026-11-22T14:02:00Z");
    same("2026-11-22 14:02", "2026-11-22 14:02:00.000");
    same("2026-11-22T14:02+0100", "2026-11-22T13:02:00Z");
    CHECK(moment("1970-01-01 00:00:00") == "0.");
    CHECK(moment("1969-12-31 23:59:59.5") == "-1.5");
    CHECK(moment("2026-11-22 14:02:03", 7200) == moment("2026-11-22T12:02:03Z"));
    CHECK(moment("2026-11-22T14:02:03Z", 7200) == moment("2026-11-22T14:02:03Z"));
    CHECK(moment("2026-11-22 14:02:03.1") != moment("2026-11-22 14:02:03.100001"));
    for (const char* none :
         {"2026-11-22", "0000-00-00 00:00:00", "2026-02-29 00:00:00", "2026-11-22 24:00:00",
          "2026-11-22 14:02:60", "2026-11-22 14:02:03.", "2026-11-22 14:02:03+010", "1763820123",
          "2026-11-22 14:02:03 CET", "2026-11-22_14:02:03", "2026-11-22 14:02:03 ", "2026-11-22 14",
          "2026-11-22 14:02.5", "2026-11-22 14:02:", "2026-11-22 14:02:03+01:", "2026-11-22 14:02:03+24",
          "2026-11-22 14:02:03  UTC"}) {
        INFO(none);
        CHECK(moment(none) == "none");
    }
}

TEST_CASE("a zone is UTC or an offset, and a named zone is explained") {
    CHECK(*parse_zone("UTC") == 0);
    CHECK(*parse_zone("+05:30") == 19800);
    CHECK(*parse_zone("-08:00") == -28800);
    CHECK(*parse_zone("+0200") == 7200);
    const auto named = parse_zone("Europe/Berlin");
    REQUIRE_FALSE(named);
    CHECK(named.error().message ==
          "compare.timezone: expected UTC or an offset such as +02:00, got 'Europe/Berlin'");
}

TEST_CASE("JSON numbers keep the digits they were written with") {
    const auto json =
        ExactJson::parse(R"( {"big":18446744073709551615,"exact":0.1234567890123456789012345678901,
        "price":12.50,"small":1E-7,"minus":-0.0,"deep":{"x":[1,{"y":2}]},"text":"\u00e4\n"} )");
    REQUIRE(json);
    CHECK(json->at("big")->text == "18446744073709551615");
    CHECK(json->at("exact")->text == "0.1234567890123456789012345678901");
    CHECK(json->at("price")->text == "12.50");
    CHECK(json->at("small")->text == "1E-7");
    CHECK(json->at("minus")->text == "-0.0");
    CHECK(json->at("text")->text == "ä\n");
    CHECK(json->at("deep.x")->written() == R"([1,{"y":2}])");
    CHECK(json->at("deep.y") == nullptr);
    CHECK(json->at("price.x") == nullptr);
    for (const std::string digits :
         {"1", "12", "123456789012345678901234567890", "1234567.8901234567890123456789",
          "-12345678901234567890.5e-3", "0.000000000000000000000000000001", "1e308", "1e-400", "1e400"}) {
        INFO(digits);
        const auto alone = ExactJson::parse(digits);
        REQUIRE(alone);
        CHECK(alone->text == digits);
        const auto within_array = ExactJson::parse("[" + digits + "," + digits + "]");
        REQUIRE(within_array);
        CHECK(within_array->items[1].text == digits);
    }
}

TEST_CASE("JSON that means the same has one normal form") {
    CHECK(normal(R"({"b":1.0,"a":[12.50,null,true,"x"]})") ==
          normal(R"({ "a": [1.25e1, null, true, "x"], "b": 1 })"));
    CHECK(normal(R"({"a":"1"})") != normal(R"({"a":1})"));
    CHECK(normal(R"([1,2])") != normal(R"([2,1])"));
    CHECK(normal(R"({"a":1,"a":2})") == normal(R"({"a":2})"));
    for (const char* broken : {"", "{", R"({"a":})", "{} x", "nul", "\"\xFF\"", "01"}) {
        INFO(broken);
        CHECK(normal(broken) == "none");
    }
    CHECK(normal(std::string(60, '[') + std::string(60, ']')) != "none");
    CHECK(normal(std::string(70, '[') + std::string(70, ']')) == "none");
}

TEST_CASE("a member with a dot in its name comes before a path") {
    const auto json = ExactJson::parse(R"({"a.b":1,"a":{"b":2,"c":{"d":3}}})");
    REQUIRE(json);
    CHECK(json->at("a.b")->text == "1");
    CHECK(json->at("a.c.d")->text == "3");
}

TEST_CASE(
    "members read quickly are those that the whole document has, and doubtful documents are left to it") {
    const std::vector<std::string> names = {"a", "b", "c"};
    for (const char* text :
         {R"({"a":1,"b":"x","c":null})", R"( { "c" : [1, {"x": "}"}] , "a" : -0.50 , "b" : true } )", "{}",
          R"({"b":"q\"\\\/\b\f\n\r\t","a":{"z":1,"y":[]},"a":2})", R"({"x":{"a":1},"b":""})",
          R"({"a":12345678901234567890.123456789,"b":"Käse 😀","c":false})"}) {
        INFO(text);
        const auto quick = json_members(text, names);
        const auto whole = ExactJson::parse(text);
        REQUIRE(quick);
        REQUIRE(whole);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto* member = whole->at(names[i]);
            const auto slow = member == nullptr ? Value{} : value_of(*member);
            CHECK((*quick)[i].kind == slow.kind);
            CHECK(compare((*quick)[i], slow, {}) == Verdict::match);
            if (slow.kind != Value::Kind::object && slow.kind != Value::Kind::array)
                CHECK((*quick)[i].text == slow.text);
        }
    }
    for (const char* text : {"",
                             "[]",
                             "1",
                             "{",
                             R"({"a":1)",
                             R"({"a":1,})",
                             R"({"a" 1})",
                             R"({a:1})",
                             R"({"a":01})",
                             R"({"a":1.})",
                             R"({"a":.5})",
                             R"({"a":+1})",
                             R"({"a":1e5})",
                             R"({"a":"\u0041"})",
                             R"({"a":"\x"})",
                             "{\"a\":\"\n\"}",
                             "{\"a\":\"\xff\"}",
                             R"({"a":tru})",
                             R"({"a":1} x)",
                             R"({"a":1}{"b":2})",
                             R"({"a":[1,]})",
                             R"({"a":"x})",
                             R"({"\n":1})",
                             R"({"a":NaN})"}) {
        INFO(text);
        CHECK_FALSE(json_members(text, names));
    }
    CHECK_FALSE(json_members("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", names));
}
