#include "tools/diff/tools.h"

#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/support/tool_bench.h"

using namespace casefile;
using namespace casefile::tools;
using namespace casefile::sources::mysql;
using namespace casefile::sources::redis;

namespace {

/// Redis as a map: texts and hashes by key, lists that cannot be compared, and a log of what was asked.
class RedisMap : public RedisSource {
  public:
    explicit RedisMap(const std::string& env) : where(sources::fake_endpoint(env, SourceKind::redis)) {}

    const sources::Endpoint& endpoint() const override { return where; }
    Result<sources::Fingerprint> fingerprint(const sources::Control&) override { return sources::fake_fingerprint(where); }

    Result<std::vector<Reply>> pipeline(const std::vector<Command>& commands, const sources::Control& control) override {
        if (control.stopped()) return sources::cancelled_error();
        ++pipelines;
        if (before_pipeline) before_pipeline(*this);
        std::vector<Reply> out;
        for (const auto& command : commands) out.push_back(answer(command));
        return out;
    }

    sources::Endpoint where;
    std::map<std::string, std::string> texts;
    std::map<std::string, std::map<std::string, std::string>> hashes;
    std::set<std::string> lists;
    std::function<void(RedisMap&)> before_pipeline;
    int pipelines = 0;
    std::size_t keys_in_mget = 0;  ///< the most at once

  private:
    Reply answer(const Command& command) {
        const auto& name = command[0];
        if (name == "TIME") return array_reply({text_reply("1795356001"), text_reply("500000")});
        if (name == "MGET") {
            keys_in_mget = std::max(keys_in_mget, command.size() - 1);
            std::vector<Reply> items;
            for (std::size_t i = 1; i < command.size(); ++i)
                items.push_back(texts.contains(command[i]) ? text_reply(texts[command[i]]) : nil_reply());
            return array_reply(std::move(items));
        }
        if (name == "SCAN") return scan();
        const auto& key = command[1];
        if (name == "GET") return texts.contains(key) ? text_reply(texts[key]) : nil_reply();
        if (name == "TYPE")
            return status_reply(texts.contains(key)    ? "string"
                                : hashes.contains(key) ? "hash"
                                : lists.contains(key)  ? "list"
                                                       : "none");
        if (texts.contains(key)) return error_reply("WRONGTYPE Operation against a key holding the wrong kind of value");
        if (name == "HLEN") return integer_reply(std::ssize(hashes.contains(key) ? hashes[key] : std::map<std::string, std::string>{}));
        if (name == "HSCAN") {
            std::vector<Reply> items;
            for (const auto& [field, value] : hashes[key]) {
                items.push_back(text_reply(field));
                items.push_back(text_reply(value));
            }
            return array_reply({text_reply("0"), array_reply(std::move(items))});
        }
        REQUIRE(name == "HMGET");
        std::vector<Reply> items;
        for (std::size_t i = 2; i < command.size(); ++i) {
            const bool there = hashes.contains(key) && hashes[key].contains(command[i]);
            items.push_back(there ? text_reply(hashes[key][command[i]]) : nil_reply());
        }
        return array_reply(std::move(items));
    }

    /// All keys in one step, the first of them twice, as SCAN may.
    Reply scan() const {
        std::vector<Reply> keys;
        for (const auto& [key, value] : texts) keys.push_back(text_reply(key));
        for (const auto& [key, value] : hashes) keys.push_back(text_reply(key));
        if (!keys.empty()) keys.push_back(keys.front());
        return array_reply({text_reply("0"), array_reply(std::move(keys))});
    }
};

struct Shop {
    ToolBench bench;
    FakeMysqlSource& mysql = bench.add(std::make_unique<FakeMysqlSource>("SHOP"));
    RedisMap& redis = bench.add(std::make_unique<RedisMap>("SHOP"));

    Shop() { bench.confirm("SHOP"); }

    void table(std::vector<Column> columns, std::vector<std::vector<std::optional<std::string>>> rows) {
        mysql.tables = {{"FROM products", {std::move(columns), std::move(rows)}}};
    }
    json::object diff(const char* arguments) {
        return bench.call(diff::diff_tool(bench.work()), json::parse(arguments).as_object());
    }
    json::object refusal(const char* arguments) {
        return bench.refusal(diff::diff_tool(bench.work()), json::parse(arguments).as_object());
    }
    std::string message(const char* arguments) {
        return std::string(refusal(arguments).at("message").get_string());
    }
};

const std::vector<Column> product_columns = {{"id", "INT"}, {"name", "VARCHAR"}, {"price", "DECIMAL"}, {"note", "VARCHAR"}};

std::string counts(const json::object& answer) {
    const auto& counts = answer.at("counts").as_object();
    std::string out;
    for (const char* name : {"match", "changed", "missing_left", "missing_right"})
        out += (out.empty() ? "" : " ") + json::serialize(counts.at(name));
    return out;
}

/// "key field verdict left right state" for each line.
std::vector<std::string> lines(const json::object& answer) {
    std::vector<std::string> out;
    for (const auto& one : answer.at("differences").as_array()) {
        const auto& line = one.as_object();
        std::string text;
        for (const char* name : {"key", "field", "verdict", "left", "right", "state"}) {
            const auto* value = line.if_contains(name);
            text += (text.empty() ? "" : " ") + (value == nullptr   ? "-"
                                                 : value->is_null() ? "NULL"
                                                                    : std::string(value->get_string()));
        }
        out.push_back(text);
    }
    return out;
}

}  // namespace

TEST_CASE("a stale, a missing and a left-over cache entry are found, each with its verdict") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "12.50", std::nullopt},
                                 {"2", "Pear", "3.10", ""},
                                 {"3", "Plum", "7.00", "x"},
                                 {"4", "Käse", "1.00", std::nullopt}});
    shop.redis.texts = {{"product:1", R"({"id":1,"name":"Apple","price":12.5,"note":null})"},
                        {"product:2", R"({"id":2,"name":"Pear","price":"2.90","note":""})"},
                        {"product:4", R"({"id":4,"name":"Käse","price":1,"note":""})"},
                        {"product:9", R"({"id":9})"},
                        {"product:1:stock", "5"},
                        {"other:1", "x"}};

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":{"settle_ms":1,"left_over":true}})");

    CHECK(counts(answer) == "1 2 1 1");
    CHECK(lines(answer) == std::vector<std::string>{"2 price changed 3.10 2.90 settled", "3 - missing_right - - settled",
                                                    "4 note changed NULL  settled", "9 - missing_left - - settled"});
    CHECK(json::serialize(answer.at("by_field")) ==
          R"({"name":{"match":3},"note":{"match":2,"changed":1},"price":{"match":2,"changed":1}})");
    CHECK(answer.at("read_at").at("left").get_string() == "2026-11-22T14:00:00.000Z");
    CHECK(std::string(answer.at("read_at").at("right").get_string()).starts_with("2026-11-22T14:00:01.500Z"));
    CHECK(json::serialize(answer.at("notes")).find("1 keys match product:*") != std::string::npos);

    const auto csv = ToolBench::file(answer, "diff.diff.csv");
    CHECK(csv == "key,field,verdict,left,right,state\r\n2,price,changed,3.10,2.90,settled\r\n"
                 "3,,missing_right,,,settled\r\n4,note,changed,,\"\",settled\r\n9,,missing_left,,,settled\r\n");
    const auto document = json::parse(ToolBench::file(answer, "diff.diff.json")).as_object();
    CHECK(document.at("complete").as_bool());
    CHECK(document.at("differences").as_array().size() == 4);
    CHECK(json::serialize(document.at("differences").at(0)) ==
          R"({"key":{"id":"2"},"verdict":"changed","state":"settled","fields":[{"field":"price","verdict":"changed","left":"3.10","right":"2.90"}]})");
    CHECK(document.at("counts") == answer.at("counts"));
    CHECK(document.at("left").at("mysql").at("sql").get_string() == "SELECT * FROM products");
}

TEST_CASE("with the sides exchanged the same is found the other way round") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "12.50", "x"}, {"3", "Plum", "7.00", "x"}});
    shop.redis.texts = {{"product:1", R"({"title":"Apple","price":13,"note":"x"})"}, {"product:9", "{}"}};

    const auto answer = shop.diff(R"({"left":{"redis":{"key_template":"product:{nr}"}},
        "right":{"mysql":{"sql":"SELECT * FROM products"}},
        "compare":{"settle_ms":1,"left_over":true,"rename":{"nr":"id","title":"name"}}})");

    CHECK(counts(answer) == "0 1 1 1");
    CHECK(lines(answer) == std::vector<std::string>{"1 price changed 13 12.50 settled", "3 - missing_left - - settled",
                                                    "9 - missing_right - - settled"});
    CHECK(json::serialize(answer.at("fields")) == R"(["title","price","note"])");
}

TEST_CASE("hashes, plain values and keys of another type are read by their type") {
    Shop shop;
    shop.table({{"id", "INT"}, {"value", "DECIMAL"}},
               {{"1", "5.0"}, {"2", "5"}, {"3", "5"}, {"4", std::nullopt}, {"5", "5"}, {"6", "5"}});
    shop.redis.texts = {{"p:1", "5"}, {"p:6", R"({"value":5.00})"}};
    shop.redis.hashes = {{"p:2", {{"value", "5.00"}}}, {"p:4", {{"other", "1"}}}, {"p:5", {{"value", "4.99"}}}};
    shop.redis.lists = {"p:3"};

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT id, value FROM products"}},
        "right":{"redis":{"key_template":"p:{id}"}},"compare":{"settle_ms":0}})");

    CHECK(counts(answer) == "4 2 0 0");
    CHECK(lines(answer) == std::vector<std::string>{"3 value type_differs 5 (list) not looked at again",
                                                    "5 value changed 5 4.99 not looked at again"});

    const auto as_hash = shop.diff(R"({"left":{"mysql":{"sql":"SELECT id, value FROM products"}},
        "right":{"redis":{"key_template":"p:{id}","type":"hash"}},"compare":{"settle_ms":0}})");
    CHECK(counts(as_hash) == "2 3 0 1");
    CHECK(lines(as_hash).front() == "1 value type_differs 5.0 (not a hash) not looked at again");
}

TEST_CASE("a JSON column meets the nested object of the cache, and a path reaches into it") {
    Shop shop;
    shop.table({{"id", "INT"}, {"payload", "TEXT"}, {"city", "VARCHAR"}},
               {{"1", R"({"qty": 1, "sku": "A"})", "Köln"}, {"2", R"({"qty": 1, "sku": "A"})", "Bonn"}});
    shop.redis.texts = {{"o:1", R"({"payload":{"sku":"A","qty":1.0},"ship":{"city":"Köln"}})"},
                        {"o:2", R"({"payload":{"sku":"A","qty":2},"ship":{"city":"Bonn"}})"}};

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"o:{id}"}},"compare":{"settle_ms":0,"rename":{"city":"ship.city"}}})");

    CHECK(counts(answer) == "1 1 0 0");
    CHECK(lines(answer).front() ==
          R"(2 payload changed {"qty": 1, "sku": "A"} {"qty":2,"sku":"A"} not looked at again)");
}

TEST_CASE("a difference that is gone at the second look is in flight") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "12.50", "x"}, {"2", "Pear", "3.10", "x"}, {"3", "Plum", "1.00", "x"}});
    shop.redis.texts = {{"product:1", R"({"price":11})"}, {"product:2", R"({"price":3})"}};
    // The cache of product 1 is refreshed, and product 3 appears, right after the first read.
    bool refreshed = false;
    shop.redis.before_pipeline = [&](RedisMap& redis) {
        if (redis.pipelines < 4 || refreshed) return;
        refreshed = true;
        redis.texts["product:1"] = R"({"price":12.5})";
        redis.texts["product:3"] = R"({"price":1})";
    };

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":{"settle_ms":1}})");

    CHECK(counts(answer) == "0 2 0 1");
    CHECK(lines(answer) == std::vector<std::string>{"1 price changed 12.50 11 in_flight", "2 price changed 3.10 3 settled",
                                                    "3 - missing_right - - in_flight"});
    CHECK(json::serialize(answer.at("states")) == R"({"settled":1,"in_flight":2})");
    REQUIRE(shop.mysql.asked.size() == 2);
    CHECK(shop.mysql.asked[1] == "SELECT * FROM (\nSELECT * FROM products\n) AS casefile_side WHERE `id` IN "
                                 "(_utf8mb4 X'31', _utf8mb4 X'32', _utf8mb4 X'33')");
}

TEST_CASE("a side that cannot be read again leaves its differences unjudged, and says why") {
    Shop shop;
    shop.mysql.tables = {{"SHOW", {{{"Table", "VARCHAR"}, {"Engine", "VARCHAR"}}, {{"a", "InnoDB"}}}}};
    shop.redis.texts = {{"t:a", R"({"Engine":"Aria"})"}};

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SHOW TABLE STATUS"}},
        "right":{"redis":{"key_template":"t:{Table}","type":"string"}},"compare":{"settle_ms":1}})");

    CHECK(lines(answer).front() == "a Engine changed InnoDB Aria not looked at again");
    CHECK(json::serialize(answer.at("notes")).find("differences were not looked at again") != std::string::npos);
    CHECK(shop.mysql.asked.size() == 1);
}

TEST_CASE("rows are looked up in batches, and only the first thousand differences are looked at again") {
    Shop shop;
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (int i = 0; i < 3'000; ++i) rows.push_back({std::to_string(i), "x", "1", "n"});
    shop.table(product_columns, std::move(rows));

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":{"settle_ms":1}})");

    CHECK(counts(answer) == "0 0 0 3000");
    CHECK(json::serialize(answer.at("states")) == R"({"settled":1000,"not looked at again":2000})");
    CHECK(shop.redis.keys_in_mget <= 500);
    CHECK(answer.at("truncated").as_bool());
    CHECK(json::serialize(answer.at("differences")).size() <= 8'000);
    CHECK(shop.bench.progress.back() == 3000);
    CHECK(std::is_sorted(shop.bench.progress.begin(), shop.bench.progress.end()));
}

TEST_CASE("two tables, and a table and a CSV, meet in memory") {
    Shop shop;
    auto& other = shop.bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    shop.bench.confirm("STAGING");
    shop.table(product_columns, {{"1", "Apple", "1.0", "a"}, {"2", "Pear", "2", "b"}, {"3", "Plum", "3", "c"}});
    other.tables = {{"FROM products", {{{"nr", "INT"}, {"price", "DECIMAL"}}, {{"2", "2.00"}, {"3", "4"}, {"4", "5"}}}}};

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"},"env":"SHOP"},
        "right":{"mysql":{"sql":"SELECT nr, price FROM products"},"env":"STAGING"},"key":["id"],
        "compare":{"settle_ms":0,"rename":{"id":"nr"}}})");
    CHECK(counts(answer) == "1 1 1 1");
    CHECK(lines(answer) == std::vector<std::string>{"3 price changed 3 4 not looked at again",
                                                    "4 - missing_left - - not looked at again",
                                                    "1 - missing_right - - not looked at again"});

    const auto with_csv = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"},"env":"SHOP"},
        "right":{"csv":{"text":"id,price,note\n1,1,a\n2,2.50,\"b\"\n3,3.000,\n"}},"key":["id"],
        "compare":{"settle_ms":0,"tolerance":{"price":"0.5"}}})");
    CHECK(counts(with_csv) == "2 1 0 0");
    CHECK(lines(with_csv) == std::vector<std::string>{"3 note changed c NULL not looked at again"});

    const auto expected = shop.diff(R"({"left":{"csv":{"text":"id,price\n1,1\n7,7\n"}},
        "right":{"csv":{"text":"price,id\n1.0,1\n"}},"key":["id"]})");
    CHECK(counts(expected) == "1 0 0 1");
    CHECK(lines(expected) == std::vector<std::string>{"7 - missing_right - - settled"});
}

TEST_CASE("an earlier run's CSV can be a side, and nothing else of a run can") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "1.00", std::nullopt}, {"2", "Pear", "2.00", ""}});
    const auto first = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"csv":{"text":"id,name,price,note\n1,Apple,2,\n2,Pear,2.0,\"\"\n"}},"key":["id"],"task":"prices"})");
    CHECK(counts(first) == "1 1 0 0");
    const auto run = std::string(first.at("run").at("id").as_string());

    const auto again = shop.bench.call(
        diff::diff_tool(shop.bench.work()),
        json::object{{"left", {{"evidence", {{"run", run}, {"file", "diff.prices.csv"}}}}},
                     {"right", {{"csv", {{"text", "key,field,left\n1,price,1.00\n"}}}}},
                     {"key", {"key", "field"}}});
    CHECK(counts(again) == "1 0 0 0");

    const auto refused = [&](const std::string& id, const std::string& file) {
        return std::string(shop.bench
                               .refusal(diff::diff_tool(shop.bench.work()),
                                        json::object{{"left", {{"evidence", {{"run", id}, {"file", file}}}}},
                                                     {"right", {{"csv", {{"text", "key\n"}}}}},
                                                     {"key", {"key"}}})
                               .at("message")
                               .get_string());
    };
    CHECK(refused("20261122_140203_00000000", "diff.prices.csv").find("no sealed run") != std::string::npos);
    CHECK(refused(run, "prices.log").find("expected a .csv file") != std::string::npos);
    CHECK_FALSE(refused(run, "../../../x.csv").empty());
}

TEST_CASE("two caches are compared by scanning the left one") {
    Shop shop;
    auto& other = shop.bench.add(std::make_unique<RedisMap>("STAGING"));
    shop.bench.confirm("STAGING");
    shop.redis.texts = {{"p:1", R"({"a":1,"b":2})"}, {"p:2", R"({"a":1,"b":2})"}, {"p:3", R"({"a":1,"b":2})"}};
    other.hashes = {{"v2:1", {{"a", "1"}, {"b", "2.0"}}}, {"v2:2", {{"a", "5"}, {"b", "2"}}}, {"v2:4", {{"a", "1"}}}};

    const auto answer = shop.diff(R"({"left":{"redis":{"key_template":"p:{id}"},"env":"SHOP"},
        "right":{"redis":{"key_template":"v2:{id}"},"env":"STAGING"},"compare":{"settle_ms":1,"left_over":true}})");

    CHECK(counts(answer) == "1 1 1 1");
    CHECK(lines(answer) == std::vector<std::string>{"2 a changed 1 5 settled", "3 - missing_right - - settled",
                                                    "4 - missing_left - - settled"});
}

TEST_CASE("what cannot be compared is refused with what there is") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "1.00", std::nullopt}});
    shop.redis.texts = {{"product:1", "5"}};

    CHECK(shop.message(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},"right":{"redis":{"key_template":"p:{nr}"}}})") ==
          "left: there is no column 'nr'; it has: id, name, price, note");
    CHECK(shop.message(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},"right":{"redis":{"key_template":"p"}}})") ==
          "key_template: expected a placeholder such as order:{id}, got 'p'");
    CHECK(shop.message(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}}})") ==
          "the sides have no field in common beside the key; left: name, price, note; right: value");
    CHECK(shop.message(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"fields":["cost"]})") ==
          "left: there is no column 'cost'; it has: id, name, price, note");
    CHECK(shop.message(R"({"left":{"csv":{"text":"a\n1\n"}},"right":{"csv":{"text":"a\n1\n"}}})") ==
          "key: expected the fields that tell one record from another, got none");
    CHECK(shop.message(R"({"left":{"csv":{"text":"a,b\n1,1\n1,2\n"}},"right":{"csv":{"text":"a,b\n1,1\n"}},"key":["a"]})") ==
          "left: two records have the key '1'");
    CHECK(shop.message(R"({"left":{"csv":{"text":"a,b\n1\n"}},"right":{"csv":{"text":"a,b\n1,1\n"}},"key":["a"]})") ==
          "left: csv line 2: expected 2 fields as in the first line, got 1");
    CHECK(shop.message(R"({"left":{"csv":{"text":"a,b\n,1\n"}},"right":{"csv":{"text":"a,b\n1,1\n"}},"key":["a"]})") ==
          "left: key field 'a' is NULL in line 2");
    CHECK(shop.message(R"({"left":{"csv":{"text":"a"},"mysql":{"sql":"x"}},"right":{"csv":{"text":"a"}},"key":["a"]})") ==
          "left: expected exactly one of mysql, redis, csv, attachment, evidence, got 2");
    CHECK(shop.message(R"({"left":{"attachment":{"name":"prices.csv"}},"right":{"csv":{"text":"a"}},"key":["a"]})") ==
          "left.attachment: nothing is attached to this case as 'prices.csv'; there is: nothing");
    CHECK(shop.message(R"({"left":{"csv":{"text":"a,b\n1,1\n"}},"right":{"csv":{"text":"a,b\n1,1\n"}},"key":["a"],
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
        json::parse(R"({"left":{"csv":{"text":"id\n"}},"right":{"redis":{"key_template":"p:{id}"},"env":"SHOP"}})").as_object());
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
    const auto bytes = json::serialize(tool.info.input_schema).size() + json::serialize(tool.info.output_schema).size() +
                       tool.info.description.size();
    CHECK(bytes <= 3'500);
}
