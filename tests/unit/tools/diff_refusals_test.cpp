#include "tests/unit/tools/diff_shop.h"

using namespace casefile;
using namespace casefile::tools;

TEST_CASE("what cannot be compared is refused with what there is") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "1.00", std::nullopt}});
    shop.redis.texts = {{"product:1", "5"}};

    CHECK(
        shop.message(
            R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},"right":{"redis":{"key_template":"p:{nr}"}}})") ==
        "left: there is no column 'nr'; it has: id, name, price, note");
    CHECK(
        shop.message(
            R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},"right":{"redis":{"key_template":"p"}}})") ==
        "key_template: expected a placeholder such as order:{id}, got 'p'");
    CHECK(shop.message(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}}})") ==
          "the sides have no field in common beside the key; left: name, price, note; right: value");
    CHECK(shop.message(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"fields":["cost"]})") ==
          "left: there is no column 'cost'; it has: id, name, price, note");
    CHECK(shop.message(R"({"left":{"csv":{"text":"a\n1\n"}},"right":{"csv":{"text":"a\n1\n"}}})") ==
          "key: expected the fields that tell one record from another, got none");
    CHECK(
        shop.message(
            R"({"left":{"csv":{"text":"a,b\n1,1\n1,2\n"}},"right":{"csv":{"text":"a,b\n1,1\n"}},"key":["a"]})") ==
        "left: two records have the key '1'");
    CHECK(shop.message(
              R"({"left":{"csv":{"text":"a,b\n1\n"}},"right":{"csv":{"text":"a,b\n1,1\n"}},"key":["a"]})") ==
          "left: csv line 2: expected 2 fields as in the first line, got 1");
    CHECK(shop.message(
              R"({"left":{"csv":{"text":"a,b\n,1\n"}},"right":{"csv":{"text":"a,b\n1,1\n"}},"key":["a"]})") ==
          "left: key field 'a' is NULL in line 2");
    CHECK(
        shop.message(
            R"({"left":{"csv":{"text":"a"},"mysql":{"sql":"x"}},"right":{"csv":{"text":"a"}},"key":["a"]})") ==
        "left: expected exactly one of mysql, redis, csv, attachment, evidence, symptom, got 2");
    CHECK(shop.message(
              R"({"left":{"attachment":{"name":"prices.csv"}},"right":{"csv":{"text":"a"}},"key":["a"]})") ==
          "left.attachment: nothing is attached to this case as 'prices.csv'; there is: nothing");
    CHECK(shop.message(
              R"({"left":{"csv":{"text":"a,b\n1,1\n"}},"right":{"csv":{"text":"a,b\n1,1\n"}},"key":["a"],
        "compare":{"tolerance":{"b":"-1"}}})") ==
          "compare.tolerance.b: expected a decimal such as \"0.01\", got '-1'");
}

TEST_CASE("policy sees the statements of both sides before anything is asked") {
    Shop shop;
    CHECK(shop.refusal(R"({"left":{"mysql":{"sql":"DELETE FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}}})")
              .at("kind")
              .get_string() == "denied");
    CHECK(shop.mysql.asked.empty());
    CHECK(shop.redis.pipelines == 0);

    ToolBench unconfirmed;
    unconfirmed.add(std::make_unique<RedisMap>("SHOP"));
    const auto refusal = unconfirmed.refusal(
        diff::diff_tool(unconfirmed.work()),
        json::parse(
            R"({"left":{"csv":{"text":"id\n"}},"right":{"redis":{"key_template":"p:{id}"},"env":"SHOP"}})")
            .as_object());
    CHECK(refusal.at("kind").get_string() == "denied");
}

TEST_CASE("a stopped diff ends during its pause, and leaves a document that can be read") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "1.00", "x"}});
    shop.redis.before_pipeline = [&](RedisMap&) { shop.bench.stop.request_stop(); };

    const auto refusal = shop.refusal(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":{"settle_ms":5000}})");

    CHECK(refusal.at("kind").get_string() == "cancelled");
}

TEST_CASE("the tool's description fits into its share of tools/list") {
    ToolBench bench;
    const auto tool = diff::diff_tool(bench.work());
    const auto bytes = json::serialize(tool.info.input_schema).size() +
                       json::serialize(tool.info.output_schema).size() + tool.info.description.size();
    INFO(json::serialize(tool.info.input_schema) << "\n" << json::serialize(tool.info.output_schema));
    CHECK(bytes <= 3'800);
}
