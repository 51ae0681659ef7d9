// What diff tells where a side has nothing.

#include "tests/unit/tools/diff_shop.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

const std::string sql = R"({"mysql":{"sql":"SELECT * FROM products"}})";
const std::string csv = R"({"csv":{"text":"id,name,price,note\n"}})";

std::string redis(const std::string& key_template) {
    return R"({"redis":{"key_template":")" + key_template + R"("}})";
}

std::string notes(Shop& shop, const std::string& left, const std::string& right, bool left_over = false) {
    const auto answer = shop.diff((R"({"left":)" + left + R"(,"right":)" + right +
                                   R"(,"key":["id"],"compare":{"settle_ms":0,"left_over":)" +
                                   (left_over ? "true" : "false") + "}}")
                                      .c_str());
    const auto file = json::parse(ToolBench::file(answer, "diff.diff.json"));
    CHECK(file.at("notes") == answer.at("notes"));
    return json::serialize(answer.at("notes"));
}

const std::string check =
    "; check key_template, and how the key fields are written: scan_redis shows the keys there are";

}  // namespace

TEST_CASE("a side that was not read is not told to be empty") {
    Shop shop;
    shop.table(product_columns, {});
    shop.redis.texts = {{"product:1", R"({"name":"Apple"})"}};

    CHECK(notes(shop, sql, redis("product:{id}")) ==
          R"(["the left has no record; the right was not read: left_over looks for its keys"])");
    CHECK(notes(shop, redis("product:{id}"), sql) ==
          R"(["the right has no record; the left was not read: left_over looks for its keys"])");
    CHECK(notes(shop, redis("prod:{id}"), redis("product:{id}")) ==
          R"(["the left has no record; the right was not read: left_over looks for its keys",)"
          R"("left: no key of the template was found)" +
              check + R"("])");
}

TEST_CASE("both sides are told to be empty once both were read") {
    Shop shop;
    shop.table(product_columns, {});
    CHECK(notes(shop, sql, csv) == R"(["neither side has a record"])");
    CHECK(notes(shop, sql, redis("product:{id}"), true) ==
          R"(["neither side has a record","right: no key of the template was found)" + check + R"("])");
    CHECK(notes(shop, redis("product:{id}"), sql, true) ==
          R"(["neither side has a record","left: no key of the template was found)" + check + R"("])");

    shop.redis.texts = {{"product:1", R"({"name":"Apple"})"}};
    CHECK(notes(shop, sql, redis("product:{id}"), true) == "[]");
}

TEST_CASE("a template by which no key is found is told, and not where one key was found") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "12.50", "x"}, {"2", "Pear", "3.10", "x"}});
    shop.redis.texts = {{"product:1", R"({"name":"Apple","price":12.5,"note":"x"})"}};

    CHECK(notes(shop, sql, redis("prod:{id}")) ==
          R"(["right: not one of the 2 keys that were looked for was found)" + check + R"("])");
    CHECK(notes(shop, redis("prod:{id}"), sql) ==
          R"(["left: not one of the 2 keys that were looked for was found)" + check + R"("])");
    CHECK(notes(shop, sql, redis("prod:{id}"), true) ==
          R"(["right: no key of the template was found)" + check + R"("])");
    CHECK(notes(shop, redis("product:{id}"), redis("prod:{id}")) ==
          R"(["right: the one key that was looked for was not found)" + check + R"("])");
    CHECK(notes(shop, sql, redis("product:{id}")) == "[]");

    // Keys that have no record show that the template is right.
    shop.redis.texts = {{"product:9", R"({"name":"Fig"})"}};
    CHECK_THAT(notes(shop, sql, redis("product:{id}"), true), !Catch::Contains("key_template"));
}
