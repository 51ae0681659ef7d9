// Names that a call of diff gives, and fields that only one side has.

#include "tests/unit/tools/diff_shop.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

/// A diff of one row beside a CSV, or beside Redis.
std::string beside_csv(const char* compare) {
    return std::string(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},"key":["id"],
        "right":{"csv":{"text":"id,price,qty\n1,5,2\n"}},"compare":)") +
           compare + "}";
}
std::string beside_redis(const char* compare) {
    return std::string(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":)") +
           compare + "}";
}

std::string notes(const json::object& answer) { return json::serialize(answer.at("notes")); }

}  // namespace

TEST_CASE("a name that no field has is refused with the fields that there are") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "6", "x"}});
    shop.redis.texts = {{"product:1", R"({"price":5})"}};

    CHECK(shop.message(beside_csv(R"({"rename":{"prise":"price"}})").c_str()) ==
          "left: compare.rename names the field 'prise', which it does not have; it has: id, name, price, "
          "note");
    CHECK(shop.message(beside_csv(R"({"rename":{"price":"cost"}})").c_str()) ==
          "right: compare.rename names the field 'cost', which it does not have; it has: id, price, qty");
    CHECK(shop.message(beside_csv(R"({"ignore":["prise"]})").c_str()) ==
          "compare.ignore names the field 'prise', which neither side has; left has: id, name, price, note; "
          "right has: id, price, qty");
    CHECK(shop.message(beside_redis(R"({"rename":{"prise":"price"}})").c_str()) ==
          "left: compare.rename names the field 'prise', which it does not have; it has: id, name, price, "
          "note");
    CHECK(counts(shop.diff(beside_csv(R"({"ignore":["qty","note"]})").c_str())) == "0 1 0 0");
    CHECK(counts(shop.diff(beside_csv(R"({"rename":{"price":"qty","name":"price"}})").c_str())) == "0 1 0 0");
}

TEST_CASE("a name that no record in Redis was seen to have is told") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "5", "x"}});
    shop.redis.texts = {{"product:1", R"({"price":5,"name":"Apple"})"}};

    const auto ignored = shop.diff(beside_redis(R"({"ignore":["prise"]})").c_str());
    CHECK(counts(ignored) == "1 0 0 0");
    CHECK(notes(ignored).find("compare.ignore names the field 'prise', which no record was seen to have") !=
          std::string::npos);

    const auto renamed = shop.diff(beside_redis(R"({"rename":{"note":"remark"}})").c_str());
    CHECK(notes(renamed).find("the right has no such field: note (remark)") != std::string::npos);

    const auto known = shop.diff(beside_redis(R"({"ignore":["note"]})").c_str());
    CHECK(notes(known) == "[]");
}

TEST_CASE("a name that neither of two caches was seen to have is told") {
    Shop shop;
    shop.redis.texts = {{"p:1", R"({"price":5,"qty":1})"}, {"q:1", R"({"price":6,"qty":1})"}};
    const auto answer = shop.diff(R"({"left":{"redis":{"key_template":"p:{id}"}},
        "right":{"redis":{"key_template":"q:{id}"}},"compare":{"settle_ms":0,"rename":{"prise":"price"}}})");
    CHECK(counts(answer) == "1 0 0 0");
    CHECK(notes(answer).find("compare.rename names the field 'prise', which no record of the left was seen "
                             "to have") != std::string::npos);
}

TEST_CASE("fields that only the right side has are told, as those that only the left has are") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "5", "x"}});
    shop.redis.texts = {{"product:1", R"({"id":1,"price":5,"status":"bad"})"}};

    CHECK(notes(shop.diff(beside_csv("{}").c_str())) ==
          R"(["not compared, because the right has no such field: name, note",)"
          R"("not compared, because the left has no such field: qty"])");
    CHECK(notes(shop.diff(beside_redis("{}").c_str())) ==
          R"(["not compared, because the right has no such field: name, note",)"
          R"("not compared, because the left has no such field: status"])");

    shop.redis.texts.clear();
    shop.redis.hashes = {{"product:1", {{"price", "5"}, {"status", "bad"}}}};
    CHECK(notes(shop.diff(beside_redis("{}").c_str())).find("the left has no such field: status") !=
          std::string::npos);

    // The name of a field may be any bytes, and an answer is UTF-8.
    shop.redis.hashes = {{"product:1", {{"price", "5"}, {"\xAC\xED", "bad"}}}};
    CHECK(notes(shop.diff(beside_redis("{}").c_str())).find("the left has no such field: \uFFFD\uFFFD") !=
          std::string::npos);
}

TEST_CASE("an account that may not list the fields of a hash only goes without the note") {
    class NoList : public RedisMap {
      public:
        using RedisMap::RedisMap;
        Result<std::vector<sources::redis::Reply>> pipeline(
            const std::vector<sources::redis::Command>& commands, const sources::Control& control) override {
            auto replies = RedisMap::pipeline(commands, control);
            for (std::size_t i = 0; replies && i < commands.size(); ++i)
                if (commands[i][0] == "HSCAN")
                    (*replies)[i] = sources::redis::error_reply("NOPERM no permissions to run this command");
            return replies;
        }
    };
    ToolBench bench;
    auto& mysql = bench.add(std::make_unique<FakeMysqlSource>("SHOP"));
    auto& redis = bench.add(std::make_unique<NoList>("SHOP"));
    bench.confirm("SHOP");
    mysql.tables = {{"FROM products", {{{"id", "INT"}, {"price", "DECIMAL"}}, {{"1", "5"}}}}};
    redis.hashes = {{"product:1", {{"price", "5"}, {"status", "bad"}}}};

    const auto answer = bench.call(diff::diff_tool(bench.work()),
                                   json::parse(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
            "right":{"redis":{"key_template":"product:{id}","type":"hash"}}})")
                                       .as_object());

    CHECK(counts(answer) == "1 0 0 0");
    CHECK(notes(answer) == "[]");
}

TEST_CASE("a path may be renamed on either side of a JSON document") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "5", "x"}});
    cases::CaseFields fields;
    fields.symptoms = cases::Symptoms{R"([{"id":1,"item":{"name":"Pear"}}])", ""};
    REQUIRE(shop.bench.cases().update(shop.bench.case_id, fields, shop.bench.principal));

    const auto left = shop.diff(R"({"left":{"symptom":"expected"},"key":["id"],
        "right":{"mysql":{"sql":"SELECT * FROM products"}},
        "compare":{"settle_ms":0,"rename":{"item.name":"name"}}})");
    CHECK(lines(left) == std::vector<std::string>{"1 item.name changed Pear Apple not looked at again"});
    const auto right = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},"key":["id"],
        "right":{"symptom":"expected"},"compare":{"settle_ms":0,"rename":{"name":"item.name"}}})");
    CHECK(lines(right) == std::vector<std::string>{"1 name changed Apple Pear not looked at again"});
}
