// Keys that two records have, that Redis writes with further parts, or that the sides write differently.

#include "tests/unit/tools/diff_shop.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

const std::vector<Column> two_columns = {{"id", "INT"}, {"v", "VARCHAR"}};

std::string notes(const json::object& answer) { return json::serialize(answer.at("notes")); }

}  // namespace

TEST_CASE("rows with one key are told as such beside Redis, and never as in flight") {
    Shop shop;
    shop.table(two_columns, {{"7", "a"}, {"8", "x"}, {"7", "b"}});
    shop.redis.texts = {{"d:7", R"({"v":"b"})"}, {"d:8", R"({"v":"x"})"}};
    CHECK(shop.message(R"({"left":{"mysql":{"sql":"SELECT id, v FROM products"}},
        "right":{"redis":{"key_template":"d:{id}"}},"compare":{"settle_ms":1}})") ==
          "left: two records have the key '7'");

    shop.redis.texts = {{"d:8", R"({"v":"x"})"}};
    CHECK(shop.message(R"({"left":{"redis":{"key_template":"d:{id}"}},
        "right":{"mysql":{"sql":"SELECT id, v FROM products"}},"compare":{"settle_ms":1}})") ==
          "right: two records have the key '7'");
}

TEST_CASE("records of a document with one key are found beside Redis, wherever they stand") {
    Shop shop;
    shop.redis.texts = {{"d:7", R"({"v":"b"})"}, {"d:8", R"({"v":"x"})"}, {"d:9", R"({"v":"x"})"}};
    for (const char* left_over : {"true", "false"}) {
        INFO(left_over);
        const auto arguments = std::string(R"({"left":{"csv":{"text":"id,v\n9,x\n8,x\n9,x\n"}},
            "right":{"redis":{"key_template":"d:{id}"}},"compare":{"settle_ms":0,"left_over":)") +
                               left_over + "}}";
        CHECK(shop.message(arguments.c_str()) == "left: two records have the key '9'");
    }
    CHECK(counts(shop.diff(R"({"left":{"csv":{"text":"id,v\n9,x\n8,x\n7,x\n"}},
        "right":{"redis":{"key_template":"d:{id}"}},"compare":{"settle_ms":0,"left_over":true}})")) ==
          "2 1 0 0");
}

TEST_CASE("keys with further parts are counted where two caches are compared") {
    Shop shop;
    shop.redis.texts = {{"s:1", "a"}, {"s:user:9", "b"}, {"s:user:8", "b"}, {"t:1", "a"}, {"t:x:y", "c"}};
    const auto answer = shop.diff(R"({"left":{"redis":{"key_template":"s:{id}"}},
        "right":{"redis":{"key_template":"t:{id}"}},"compare":{"left_over":true}})");
    CHECK(counts(answer) == "1 0 0 0");
    CHECK(
        notes(answer) ==
        R"(["left: 2 keys match s:* but have further parts after a colon; they are taken for something else",)"
        R"("right: 1 keys match t:* but have further parts after a colon; they are taken for something else"])");
}

TEST_CASE("a key of bytes meets the CSV of its own evidence, and is looked at again") {
    Shop shop;
    shop.table(two_columns, {{std::string("\x00\xFF\x10", 3), "a"}, {"\xAB\xCD", "b"}, {"plain", "c"}});
    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT id, v FROM products"}},"key":["id"],
        "right":{"csv":{"text":"id,v\nbase64:AP8Q,a\nbase64:q80=,x\nplain,c\n"}},"compare":{"settle_ms":1}})");
    CHECK(counts(answer) == "2 1 0 0");
    CHECK(lines(answer) == std::vector<std::string>{"base64:q80= v changed b x settled"});
    CHECK(shop.mysql.asked.back() ==
          "SELECT * FROM (\nSELECT id, v FROM products\n) AS casefile_side WHERE `id` IN (X'abcd')");
    // A text that only looks like one stays what it is.
    CHECK(counts(shop.diff(R"({"left":{"csv":{"text":"id,v\nbase64:YWJj,a\nbase64:?,b\n"}},"key":["id"],
        "right":{"csv":{"text":"id,v\nabc,a\nbase64:?,b\n"}}})")) == "1 0 1 1");
}

TEST_CASE("when no key meets another, the answer says how keys are compared") {
    Shop shop;
    shop.table({{"id", "DECIMAL"}, {"v", "VARCHAR"}}, {{"7.00", "a"}});
    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT id, v FROM products"}},"key":["id"],
        "right":{"csv":{"text":"id,v\n7,a\n"}},"compare":{"settle_ms":0}})");
    CHECK(counts(answer) == "0 0 1 1");
    CHECK(
        notes(answer) ==
        R"(["no key of one side is on the other: keys are compared byte for byte, whatever compare says, so )"
        R"('7.00' is not '7'; write both the same way in SQL, for example CAST(id AS SIGNED) AS id, or LOWER(id) AS id"])");

    const auto named = shop.diff(R"({"left":{"mysql":{"sql":"SELECT id, v FROM products"}},"key":["id"],
        "right":{"csv":{"text":"id,v\n7.00,a\n"}},"compare":{"read_as":{"id":"trim"}}})");
    CHECK(notes(named) ==
          R"(["compare.read_as names 'id', which is a key: keys are compared byte for byte"])");
}
