#include "tests/unit/tools/diff_shop.h"

using namespace casefile;
using namespace casefile::tools;

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
    CHECK(lines(answer) ==
          std::vector<std::string>{"2 price changed 3.10 2.90 settled", "3 - missing_right - - settled",
                                   "4 note changed NULL  settled", "9 - missing_left - - settled"});
    CHECK(json::serialize(answer.at("by_field")) ==
          R"({"name":{"match":3},"note":{"match":2,"changed":1},"price":{"match":2,"changed":1}})");
    CHECK(answer.at("read_at").at("left").get_string() == "2026-11-22T14:00:00.000Z");
    CHECK(std::string(answer.at("read_at").at("right").get_string()).starts_with("2026-11-22T14:00:01.500Z"));
    CHECK(json::serialize(answer.at("notes")).find("1 keys match product:*") != std::string::npos);

    const auto csv = ToolBench::file(answer, "diff.diff.csv");
    CHECK(csv ==
          "key,field,verdict,left,right,state\r\n2,price,changed,3.10,2.90,settled\r\n"
          "3,,missing_right,,,settled\r\n4,note,changed,,\"\",settled\r\n9,,missing_left,,,settled\r\n");
    const auto document = json::parse(ToolBench::file(answer, "diff.diff.json")).as_object();
    // The script has the statement, and an export leaves it out.
    CHECK_FALSE(document.at("left").at("mysql").as_object().contains("sql"));
    CHECK(document.at("left").at("mysql").at("sql_sha256").as_string().size() == 64);
    CHECK(document.at("left").at("mysql").at("tables") == json::array{json::value("products")});
    CHECK(document.at("complete").as_bool());
    CHECK(document.at("differences").as_array().size() == 4);
    CHECK(
        json::serialize(document.at("differences").at(0)) ==
        R"({"key":{"id":"2"},"verdict":"changed","state":"settled","fields":[{"field":"price","verdict":"changed","left":"3.10","right":"2.90","delta":"-0.2","factor":"0.9355"}]})");
    CHECK(document.at("counts") == answer.at("counts"));
}

TEST_CASE("with the sides exchanged the same is found the other way round") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "12.50", "x"}, {"3", "Plum", "7.00", "x"}});
    shop.redis.texts = {{"product:1", R"({"title":"Apple","price":13,"note":"x"})"}, {"product:9", "{}"}};

    const auto answer = shop.diff(R"({"left":{"redis":{"key_template":"product:{nr}"}},
        "right":{"mysql":{"sql":"SELECT * FROM products"}},
        "compare":{"settle_ms":1,"left_over":true,"rename":{"nr":"id","title":"name"}}})");

    CHECK(counts(answer) == "0 1 1 1");
    CHECK(lines(answer) == std::vector<std::string>{"1 price changed 13 12.50 settled",
                                                    "3 - missing_left - - settled",
                                                    "9 - missing_right - - settled"});
    CHECK(json::serialize(answer.at("fields")) == R"(["title","price","note"])");
}

TEST_CASE("hashes, plain values and keys of another type are read by their type") {
    Shop shop;
    shop.table({{"id", "INT"}, {"value", "DECIMAL"}},
               {{"1", "5.0"}, {"2", "5"}, {"3", "5"}, {"4", std::nullopt}, {"5", "5"}, {"6", "5"}});
    shop.redis.texts = {{"p:1", "5"}, {"p:6", R"({"value":5.00})"}};
    shop.redis.hashes = {
        {"p:2", {{"value", "5.00"}}}, {"p:4", {{"other", "1"}}}, {"p:5", {{"value", "4.99"}}}};
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
    shop.table(product_columns,
               {{"1", "Apple", "12.50", "x"}, {"2", "Pear", "3.10", "x"}, {"3", "Plum", "1.00", "x"}});
    shop.redis.texts = {{"product:1", R"({"price":11})"}, {"product:2", R"({"price":3})"}};
    // The cache of product 1 is refreshed, and product 3 appears, right after the first read.
    bool refreshed = false;
    shop.redis.before_pipeline = [&](RedisMap& redis) {
        if (redis.pipelines < 6 || refreshed) return;
        refreshed = true;
        redis.texts["product:1"] = R"({"price":12.5})";
        redis.texts["product:3"] = R"({"price":1})";
    };

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":{"settle_ms":1}})");

    CHECK(counts(answer) == "0 2 0 1");
    CHECK(lines(answer) == std::vector<std::string>{"1 price changed 12.50 11 in_flight",
                                                    "2 price changed 3.10 3 settled",
                                                    "3 - missing_right - - in_flight"});
    CHECK(json::serialize(answer.at("states")) == R"({"settled":1,"in_flight":2})");
    REQUIRE(shop.mysql.asked.size() == 2);
    CHECK(shop.mysql.asked[1] ==
          "SELECT * FROM (\nSELECT * FROM products\n) AS casefile_side WHERE `id` IN "
          "(_utf8mb4 X'31', _utf8mb4 X'32', _utf8mb4 X'33')");
}

TEST_CASE("a side that cannot be read again leaves its differences unjudged, and says why") {
    // As a server answers a derived table that is none, such as SHOW.
    class NoDerivedTables : public FakeMysqlSource {
      public:
        using FakeMysqlSource::FakeMysqlSource;
        Result<sources::mysql::QueryEnd> query(std::string_view sql, sources::mysql::RowSink& sink,
                                               const sources::Control& control,
                                               const sources::mysql::PlanJudge& judge) override {
            if (sql.find("casefile_side") != std::string_view::npos)
                return invalid("You have an error in your SQL syntax");
            return FakeMysqlSource::query(sql, sink, control, judge);
        }
    };
    ToolBench bench;
    auto& mysql = bench.add(std::make_unique<NoDerivedTables>("SHOP"));
    auto& redis = bench.add(std::make_unique<RedisMap>("SHOP"));
    bench.confirm("SHOP");
    mysql.tables = {{"SHOW", {{{"Table", "VARCHAR"}, {"Engine", "VARCHAR"}}, {{"a", "InnoDB"}}}}};
    redis.texts = {{"t:a", R"({"Engine":"Aria"})"}};

    const auto answer = bench.call(diff::diff_tool(bench.work()),
                                   json::parse(R"({"left":{"mysql":{"sql":"SHOW TABLE STATUS"}},
        "right":{"redis":{"key_template":"t:{Table}","type":"string"}},"compare":{"settle_ms":1}})")
                                       .as_object());

    CHECK(lines(answer).front() == "a Engine changed InnoDB Aria not looked at again");
    CHECK(json::serialize(answer.at("notes")) ==
          R"(["differences were not looked at again: You have an error in your SQL syntax"])");
}

TEST_CASE("rows are looked up in batches, and every difference is looked at again") {
    Shop shop;
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (int i = 0; i < 3'000; ++i) rows.push_back({std::to_string(i), "x", "1", "n"});
    shop.table(product_columns, std::move(rows));

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":{"settle_ms":1}})");

    CHECK(counts(answer) == "0 0 0 3000");
    CHECK(json::serialize(answer.at("states")) == R"({"settled":3000})");
    CHECK(shop.redis.keys_in_mget <= 500);
    CHECK(answer.at("truncated").as_bool());
    CHECK(json::serialize(answer.at("differences")).size() <= 8'000);
    CHECK(shop.bench.progress.back() == 3000);
    CHECK(std::is_sorted(shop.bench.progress.begin(), shop.bench.progress.end()));
}

TEST_CASE("two tables, and a table and a CSV, meet in the order of their keys") {
    Shop shop;
    auto& other = shop.bench.add(std::make_unique<FakeMysqlSource>("STAGING"));
    shop.bench.confirm("STAGING");
    shop.table(product_columns,
               {{"1", "Apple", "1.0", "a"}, {"2", "Pear", "2", "b"}, {"3", "Plum", "3", "c"}});
    other.tables = {
        {"FROM products", {{{"nr", "INT"}, {"price", "DECIMAL"}}, {{"2", "2.00"}, {"3", "4"}, {"4", "5"}}}}};

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"},"env":"SHOP"},
        "right":{"mysql":{"sql":"SELECT nr, price FROM products"},"env":"STAGING"},"key":["id"],
        "compare":{"settle_ms":0,"rename":{"id":"nr"}}})");
    CHECK(counts(answer) == "1 1 1 1");
    CHECK(lines(answer) == std::vector<std::string>{"1 - missing_right - - not looked at again",
                                                    "3 price changed 3 4 not looked at again",
                                                    "4 - missing_left - - not looked at again"});

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

    for (const auto& said : {run, std::string("1")}) {
        const auto again = shop.bench.call(
            diff::diff_tool(shop.bench.work()),
            json::object{{"left", {{"evidence", {{"run", said}, {"file", "diff.prices.csv"}}}}},
                         {"right", {{"csv", {{"text", "key,field,left\n1,price,1.00\n"}}}}},
                         {"key", {"key", "field"}}});
        CHECK(counts(again) == "1 0 0 0");
    }

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
    shop.redis.texts = {
        {"p:1", R"({"a":1,"b":2})"}, {"p:2", R"({"a":1,"b":2})"}, {"p:3", R"({"a":1,"b":2})"}};
    other.hashes = {
        {"v2:1", {{"a", "1"}, {"b", "2.0"}}}, {"v2:2", {{"a", "5"}, {"b", "2"}}}, {"v2:4", {{"a", "1"}}}};

    const auto answer = shop.diff(R"({"left":{"redis":{"key_template":"p:{id}"},"env":"SHOP"},
        "right":{"redis":{"key_template":"v2:{id}"},"env":"STAGING"},"compare":{"settle_ms":1,"left_over":true}})");

    CHECK(counts(answer) == "1 1 1 1");
    CHECK(lines(answer) == std::vector<std::string>{"2 a changed 1 5 settled",
                                                    "3 - missing_right - - settled",
                                                    "4 - missing_left - - settled"});
}

TEST_CASE("a field that lost its partner to a renamed one is not compared with it") {
    Shop shop;
    shop.table({{"id", "INT"}, {"net", "DECIMAL"}, {"price", "DECIMAL"}}, {{"1", "5", "6"}});
    shop.redis.texts = {{"product:1", R"({"price":5})"}};

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":{"rename":{"net":"price"}}})");

    CHECK(counts(answer) == "1 0 0 0");
    CHECK(json::serialize(answer.at("fields")) == R"(["net"])");
}

TEST_CASE("a field that only later records have is told, not passed over in silence") {
    Shop shop;
    std::vector<std::vector<std::optional<std::string>>> rows;
    for (int i = 0; i < 600; ++i) {
        rows.push_back({std::to_string(i), "x", "1", "n"});
        shop.redis.texts["product:" + std::to_string(i)] =
            i < 599 ? R"({"price":1})" : R"({"price":1,"note":"m"})";
    }
    shop.table(product_columns, std::move(rows));

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}"}},"compare":{"tolerance":{"prise":"1"}}})");

    CHECK(counts(answer) == "600 0 0 0");
    CHECK(
        json::serialize(answer.at("notes")) ==
        R"(["compare.tolerance names 'prise', which is not compared","not compared, because the right has no such field: )"
        R"(name, note","field 'note' was left out, because the first records lack it, but '599' has it: name it in fields )"
        R"(to compare it"])");
}

TEST_CASE("what the case says was expected is a side, as CSV and as JSON") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "12.50", "x"}, {"2", "Pear", "3.10", std::nullopt}});
    const auto expect = [&](const std::string& text) {
        cases::CaseFields fields;
        fields.symptoms = cases::Symptoms{text, ""};
        REQUIRE(shop.bench.cases().update(shop.bench.case_id, fields, shop.bench.principal));
        return shop.diff(R"({"left":{"symptom":"expected"},
            "right":{"mysql":{"sql":"SELECT * FROM products"}},"key":["id"],"compare":{"settle_ms":0}})");
    };

    const auto csv = expect("id,price\n1,12.5\n2,2.90\n");
    CHECK(counts(csv) == "1 1 0 0");
    CHECK(lines(csv).front() == "2 price changed 2.90 3.10 not looked at again");

    const auto records = expect(
        R"([{"id":1,"price":"12.50","name":"Apple"},{"id":"2","price":3.1,"name":"Pear","note":null}])");
    CHECK(counts(records) == "1 1 0 0");
    CHECK(lines(records).front() == "1 note missing_left - x not looked at again");

    CHECK(counts(expect(R"({"id":2,"name":"Pear"})")) == "1 0 1 0");
    CHECK(shop.message(R"({"left":{"symptom":"actual"},
        "right":{"mysql":{"sql":"SELECT * FROM products"}},"key":["id"]})") ==
          "left.symptom: the case says nothing of what was seen");
    cases::CaseFields words;
    words.symptoms = cases::Symptoms{"[1, 2]", ""};
    REQUIRE(shop.bench.cases().update(shop.bench.case_id, words, shop.bench.principal));
    CHECK(shop.message(R"({"left":{"symptom":"expected"},
        "right":{"mysql":{"sql":"SELECT * FROM products"}},"key":["id"]})") ==
          "left: expected one JSON object, or an array of objects");
}

TEST_CASE("a field is read as it was declared, on both sides") {
    Shop shop;
    shop.table(
        {{"id", "INT"}, {"tags", "VARCHAR"}, {"mail", "VARCHAR"}, {"active", "CHAR"}, {"at", "DATETIME"}},
        {{"1", "b, a", " Ärger@X.de", "Y", "2026-11-22 14:00:01.500"},
         {"2", "a", "b@x.de", "N", "2026-11-22 14:00:01"}});
    shop.redis.texts = {
        {"u:1", R"({"tags":["a","b","a"],"mail":"ärger@x.de","active":true,"at":1795356001500})"},
        {"u:2", R"({"tags":["a","c"],"mail":"c@x.de","active":true,"at":1795356003000})"}};
    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"u:{id}"}},"compare":{"settle_ms":0,"tolerance":{"at":"1"},
        "read_as":{"tags":"set","mail":"trim case","active":"bool","at":"epoch_ms","gone":"trim"}}})");

    CHECK(counts(answer) == "1 1 0 0");
    CHECK(lines(answer) ==
          std::vector<std::string>{"2 tags changed a [\"a\",\"c\"] not looked at again",
                                   "2 mail changed b@x.de c@x.de not looked at again",
                                   "2 active changed N true not looked at again",
                                   "2 at changed 2026-11-22 14:00:01 1795356003000 not looked at again"});
    CHECK(json::serialize(answer.at("notes")) ==
          R"(["compare.read_as names 'gone', which is not compared"])");
    CHECK(shop.message(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"u:{id}"}},"compare":{"read_as":{"tags":"bag"}}})") ==
          "compare.read_as.tags: expected words of trim, case, set, bool, null, epoch_s, epoch_ms, epoch_us, "
          "got 'bag'");
}

TEST_CASE("two snapshots of metrics tell how far each went, and to how many times of what it was") {
    Shop shop;
    const auto answer = shop.diff(
        R"({"left":{"csv":{"text":"metric,value\nerror_rate,15\np95_s,2.5\nqueue,0\nstate,red\n"}},
        "right":{"csv":{"text":"metric,value\nerror_rate,0.05\np95_s,0.32\nqueue,7\nstate,green\n"}},"key":["metric"]})");
    std::string told;
    for (const auto& line : answer.at("differences").as_array())
        told += string_or(line.as_object(), "key") + " " + string_or(line.as_object(), "delta") + " " +
                string_or(line.as_object(), "factor") + ";";
    CHECK(told == "error_rate -14.95 0.003333;p95_s -2.18 0.128;queue 7 ;state  ;");
}

TEST_CASE("a value that is too large to compare is told by its size, and is never asked for") {
    Shop shop;
    shop.table(product_columns, {{"1", "Apple", "12.50", "x"}, {"2", "Pear", "3.10", "x"}});
    shop.redis.texts = {{"product:1", R"({"price":12.5})"}, {"product:2", R"({"price":3.1})"}};
    shop.redis.sizes = {{"product:2", 40 * 1024 * 1024}};

    const auto message = shop.message(R"({"left":{"mysql":{"sql":"SELECT * FROM products"}},
        "right":{"redis":{"key_template":"product:{id}","type":"string"}},"fields":["price"]})");

    CHECK_THAT(message, Catch::Contains("key 'product:2' holds 41943040 bytes, more than 33554432"));
    CHECK_FALSE(shop.redis.read.contains("product:2"));
}
