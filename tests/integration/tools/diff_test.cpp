// diff on real servers: planted faults are found, all of them and nothing else.

#include "tools/diff/tools.h"

#include <malloc.h>

#include <iomanip>
#include <sstream>

#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "sandbox/servers.h"
#include "tests/support/tool_bench.h"
#include "tools/mysql/tools.h"
#include "tools/redis/second_opinion.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

/// Both servers, started on first use, and ended with the program.
struct Servers {
    TemporaryFolder folder;
    sandbox::MariadbServer mariadb = sandbox::MariadbServer::start(folder.path() / "mariadb").value();
    sandbox::RedisServer redis = sandbox::RedisServer::start(folder.path() / "redis").value();

    // A first table later on would make the server another one.
    Servers() {
        sql("CREATE DATABASE shop");
        sql("CREATE TABLE shop.first (id INT PRIMARY KEY)");
    }
    static Servers& get() {
        static Servers servers;
        return servers;
    }
    void sql(const std::string& statement) const {
        auto admin = sandbox::MariadbClient::connect(mariadb.port, "admin", mariadb.admin_password).value();
        REQUIRE(admin.execute(statement));
    }
    void redis_all(const std::vector<sandbox::RedisClient::Command>& commands) const {
        auto client = sandbox::RedisClient::connect(redis.port, redis.password).value();
        constexpr std::size_t at_once = 1'000;
        for (std::size_t from = 0; from < commands.size(); from += at_once) {
            const auto to = std::min(commands.size(), from + at_once);
            REQUIRE(client.run_all({commands.begin() + static_cast<std::ptrdiff_t>(from),
                                    commands.begin() + static_cast<std::ptrdiff_t>(to)}));
        }
    }
    sources::Endpoint endpoint(SourceKind kind) const {
        sources::Endpoint out;
        out.kind = kind;
        out.env = "SHOP";
        out.host = "127.0.0.1";
        const bool database = kind == SourceKind::mysql;
        out.variable = database ? "MYSQL_SHOP_URL" : "REDIS_SHOP_URL";
        out.port = database ? mariadb.port : redis.port;
        out.user = database ? "reader" : "";
        out.password = Secret(database ? mariadb.reader_password : redis.password);
        out.database = database ? "shop" : "0";
        return out;
    }
};

struct Shop {
    Servers& servers = Servers::get();
    ToolBench bench;

    Shop() {
        bench.add(sources::mysql::make_mysql_source(servers.endpoint(SourceKind::mysql), bench.limits));
        bench.add(sources::redis::make_redis_source(servers.endpoint(SourceKind::redis), bench.limits,
                                                    redis::object_to));
        bench.confirm("SHOP");
    }
    json::object diff(const std::string& arguments) {
        return bench.call(diff::diff_tool(bench.work()), json::parse(arguments).as_object());
    }
};

std::string counts(const json::object& answer) {
    const auto& counts = answer.at("counts").as_object();
    std::string out;
    for (const char* name : {"match", "changed", "missing_left", "missing_right"})
        out += (out.empty() ? "" : " ") + json::serialize(counts.at(name));
    return out;
}

/// "key field verdict" for each difference.
std::vector<std::string> lines(const json::object& answer) {
    std::vector<std::string> out;
    for (const auto& one : answer.at("differences").as_array())
        out.push_back(string_or(one.as_object(), "key") + " " + string_or(one.as_object(), "field", "-") +
                      " " + string_or(one.as_object(), "verdict"));
    return out;
}

/// A line of /proc/self/status, such as VmRSS (now) and VmHWM (the peak).
std::int64_t memory_kib(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1));
    return -1;
}

/// Gives free memory back and begins a new peak, so that what follows is measured alone.
std::int64_t begin_peak() {
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";
    return memory_kib("VmRSS");
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_ours = false;  // sanitizers hold on to what was freed
#else
constexpr bool memory_is_ours = true;
#endif

}  // namespace

TEST_CASE("two reads of one entity propose their diff, which runs as it is proposed") {
    Shop shop;
    shop.servers.sql("CREATE TABLE shop.proposed (id INT PRIMARY KEY, price DECIMAL(8,2))");
    shop.servers.sql("INSERT INTO shop.proposed VALUES (7, 12.50), (8, 3.00)");
    shop.servers.redis_all({{"SET", "proposed:7", R"({"id": 7, "price": "12.5"})"},
                            {"HSET", "proposed:8", "price", "4.00"},
                            {"SET", "plain:7", "12.50"}});
    const auto read = [&](const json::array& command) {
        return shop.bench.call(redis::read_tool(shop.bench.work()), {{"commands", json::array{command}}});
    };
    CHECK_FALSE(read({"GET", "proposed:7"}).contains("next_diff"));

    shop.bench.call(mysql::query_tool(shop.bench.work()), {{"sql", "SELECT id, price FROM proposed"}});

    CHECK_FALSE(read({"GET", "plain:7"}).contains("next_diff"));
    CHECK(read({"HGETALL", "proposed:8"}).at("next_diff") == read({"GET", "proposed:7"}).at("next_diff"));
    const auto proposed = read({"GET", "proposed:7"}).at("next_diff").as_object();
    const auto answer = shop.diff(json::serialize(proposed));
    CHECK(lines(answer) == std::vector<std::string>{"8 price changed"});
}

TEST_CASE("every type is compared to the last digit, between a real table and real JSON") {
    Shop shop;
    shop.servers.sql(
        "CREATE TABLE shop.exact (id BIGINT UNSIGNED PRIMARY KEY, price DECIMAL(10,2), fine DECIMAL(65,30), "
        "big BIGINT "
        "UNSIGNED, name VARCHAR(40), at DATETIME(6), active TINYINT(1), note VARCHAR(40), doc JSON, bytes "
        "VARBINARY(8)) "
        "CHARACTER SET utf8mb4");
    const std::string same =
        "12.50, 12345678901234567890123456789012345.123456789012345678901234567891, "
        "18446744073709551615, 'Käse 😀', '2026-11-22 14:02:03.100000', 1, NULL, "
        "'{\"a\": [1, 2.50], \"b\": null}', 'abc')";
    std::string rows;
    for (const char* id : {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "18446744073709551615"})
        rows += std::string(rows.empty() ? "" : ", ") + "(" + id + ", " + same;
    shop.servers.sql("INSERT INTO shop.exact VALUES " + rows);

    struct Part {
        const char* from;
        const char* to;
    };
    const auto value = [](Part part = {"", ""}) {
        std::string text =
            R"({"price":12.5,"fine":12345678901234567890123456789012345.123456789012345678901234567891,)"
            R"("big":18446744073709551615,"name":"Käse 😀","at":"2026-11-22T15:02:03.1+01:00","active":true,)"
            R"("note":null,"doc":{"b":null,"a":[1.0,2.5]},"bytes":"abc"})";
        if (*part.from != '\0') text.replace(text.find(part.from), std::string(part.from).size(), part.to);
        return text;
    };
    shop.servers.redis_all({
        {"SET", "exact:1", value()},
        {"SET", "exact:2", value({"12.5,", "12.49,"})},
        {"SET", "exact:3", value({"567891,", "567892,"})},
        {"SET", "exact:4", value({"551615", "551614"})},
        {"SET", "exact:5", value({"Käse", "Kase"})},
        {"SET", "exact:6", value({"03.1+", "03.100001+"})},
        {"SET", "exact:7", value({"true", "false"})},
        {"SET", "exact:8", value({"\"note\":null", "\"note\":\"NULL\""})},
        {"SET", "exact:9", value({"2.5]", "2.51]"})},
        {"SET", "exact:10", value({"\"abc\"", "\"abd\""})},
        {"SET", "exact:18446744073709551615", value({"12.5,", "\"12.50\","})},
        {"SET", "exact:12", value()},
    });

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM exact ORDER BY id"}},
        "right":{"redis":{"key_template":"exact:{id}"}},"compare":{"settle_ms":20,"left_over":true}})");

    CHECK(counts(answer) == "2 9 1 1");
    CHECK(lines(answer) == std::vector<std::string>{"2 price changed", "3 fine changed", "4 big changed",
                                                    "5 name changed", "6 at changed", "7 active changed",
                                                    "8 note changed", "9 doc changed", "10 bytes changed",
                                                    "11 - missing_right", "12 - missing_left"});
    CHECK(json::serialize(answer.at("states")) == R"({"settled":11})");
}

TEST_CASE("hashes and plain values are compared with composite keys and renamed fields") {
    Shop shop;
    shop.servers.sql(
        "CREATE TABLE shop.prices (sku VARCHAR(20), country CHAR(2), amount DECIMAL(12,4), updated "
        "TIMESTAMP(3) "
        "NULL, PRIMARY KEY (sku, country)) CHARACTER SET utf8mb4");
    shop.servers.sql("SET time_zone = '+00:00'");
    shop.servers.sql(
        "INSERT INTO shop.prices VALUES ('a-1','DE',12.5,NULL), ('a-1','FR',13,NULL), "
        "('b;\\'2','DE',0.0001,NULL), "
        "('ü','DE',1,NULL), ('x','DE',5,NULL)");
    shop.servers.redis_all({{"HSET", "price:DE/a-1", "sum", "12.5000"},
                            {"HSET", "price:FR/a-1", "sum", "13.0", "updated", "2026-01-01T00:00:00Z"},
                            {"HSET", "price:DE/b;'2", "sum", "1e-4"},
                            {"HSET", "price:DE/ü", "sum", "1.0001"},
                            {"SET", "plain:DE:a-1", "12.50"},
                            {"SET", "plain:FR:a-1", "13"},
                            {"SET", "plain:DE:b;'2", "0.00010"},
                            {"SET", "plain:DE:ü", "1"},
                            {"RPUSH", "plain:DE:x", "5"}});

    const auto hashes = shop.diff(
        R"({"left":{"mysql":{"sql":"WITH p AS (SELECT * FROM prices) SELECT * FROM p ORDER BY sku;"}},
        "right":{"redis":{"key_template":"price:{country}/{sku}","type":"hash"}},"key":["sku","country"],
        "compare":{"settle_ms":20,"rename":{"amount":"sum"}}})");
    CHECK(counts(hashes) == "2 2 0 1");
    auto found = lines(hashes);
    std::sort(found.begin(), found.end());
    CHECK(found == std::vector<std::string>{"a-1 / FR updated changed", "x / DE - missing_right",
                                            "ü / DE amount changed"});
    CHECK(json::serialize(hashes.at("states")) == R"({"settled":3})");

    const auto plain = shop.diff(R"({"left":{"redis":{"key_template":"plain:{country}:{sku}"}},
        "right":{"mysql":{"sql":"SELECT sku, country, amount AS value FROM prices"}},
        "compare":{"settle_ms":20,"left_over":true}})");
    CHECK(counts(plain) == "4 1 0 0");
    CHECK(lines(plain) == std::vector<std::string>{"DE / x value type_differs"});
}

TEST_CASE("texts of any length are compared whole, beside keys that are empty, missing or of another type") {
    Shop shop;
    shop.servers.sql("CREATE TABLE shop.texts (id INT PRIMARY KEY, value TEXT NOT NULL)");
    shop.servers.sql(
        "INSERT INTO shop.texts VALUES (1,'a'), (2,REPEAT('x',4095)), (3,REPEAT('x',4096)), "
        "(4,REPEAT('x',9000)), (5,''), (6,'h'), (7,'gone'), (8,'l'), (9,'same length')");
    shop.servers.redis_all({{"SET", "text:1", "a"},
                            {"SET", "text:2", std::string(4'095, 'x')},
                            {"SET", "text:3", std::string(4'095, 'x') + "y"},
                            {"SET", "text:4", std::string(9'000, 'x')},
                            {"SET", "text:5", ""},
                            {"HSET", "text:6", "value", "h"},
                            {"RPUSH", "text:8", "l"},
                            {"SET", "text:9", "other words"}});

    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM texts"}},
        "right":{"redis":{"key_template":"text:{id}"}},"compare":{"settle_ms":0}})");

    CHECK(counts(answer) == "5 3 0 1");
    CHECK(lines(answer) == std::vector<std::string>{"3 value changed", "7 - missing_right",
                                                    "8 value type_differs", "9 value changed"});
}

TEST_CASE("rows that share a key are told beside Redis, and bytes as keys meet their own evidence") {
    Shop shop;
    shop.servers.sql("CREATE TABLE shop.doubled (at INT PRIMARY KEY, id INT, v VARCHAR(9))");
    shop.servers.sql("INSERT INTO shop.doubled VALUES (1,7,'a'), (2,8,'x'), (3,7,'b')");
    shop.servers.redis_all({{"SET", "doubled:7", R"({"v":"b"})"}, {"SET", "doubled:8", R"({"v":"x"})"}});
    const auto refusal =
        shop.bench.refusal(diff::diff_tool(shop.bench.work()),
                           json::parse(R"({"left":{"mysql":{"sql":"SELECT id, v FROM doubled ORDER BY at"}},
        "right":{"redis":{"key_template":"doubled:{id}"}},"compare":{"settle_ms":20}})")
                               .as_object());
    CHECK(refusal.at("message").as_string() == "left: two records have the key '7'");

    shop.servers.sql("CREATE TABLE shop.bytes (id VARBINARY(8) PRIMARY KEY, v INT)");
    shop.servers.sql("INSERT INTO shop.bytes VALUES (X'00FF10', 1), (X'ABCD', 2)");
    const auto rows = shop.bench.call(mysql::query_tool(shop.bench.work()),
                                      json::object{{"sql", "SELECT * FROM bytes"}, {"task", "bytes"}});
    shop.servers.sql("UPDATE shop.bytes SET v = 3 WHERE v = 2");
    const auto answer = shop.bench.call(
        diff::diff_tool(shop.bench.work()),
        json::object{
            {"left", {{"evidence", {{"run", rows.at("run").at("id")}, {"file", "db_rows.bytes.csv"}}}}},
            {"right", {{"mysql", {{"sql", "SELECT * FROM bytes"}}}}},
            {"key", {"id"}},
            {"compare", {{"settle_ms", 20}}}});
    CHECK(counts(answer) == "1 1 0 0");
    CHECK(json::serialize(answer.at("states")) == R"({"settled":1})");
}

TEST_CASE("two tables of one server, and rows beside an earlier run's evidence") {
    Shop shop;
    shop.servers.sql(
        "CREATE TABLE shop.before_sale (id INT PRIMARY KEY, price DECIMAL(8,2), note VARCHAR(20))");
    shop.servers.sql(
        "CREATE TABLE shop.after_sale (id INT PRIMARY KEY, price DECIMAL(10,4), note VARCHAR(20))");
    shop.servers.sql("INSERT INTO shop.before_sale VALUES (1,1.5,NULL),(2,2,''),(3,3,'x')");
    shop.servers.sql("INSERT INTO shop.after_sale VALUES (1,1.5,NULL),(2,2.01,NULL),(4,3,'x')");

    const auto tables = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM before_sale"}},
        "right":{"mysql":{"sql":"SELECT * FROM after_sale"}},"key":["id"],"compare":{"settle_ms":20}})");
    CHECK(counts(tables) == "1 1 1 1");
    CHECK(json::serialize(tables.at("states")) == R"({"settled":3})");
    CHECK(json::serialize(tables.at("by_field")) ==
          R"({"note":{"match":1,"changed":1},"price":{"match":1,"changed":1}})");

    const auto rows = shop.bench.call(mysql::query_tool(shop.bench.work()),
                                      json::object{{"sql", "SELECT * FROM before_sale"}, {"task", "prices"}});
    shop.servers.sql("UPDATE shop.before_sale SET price = 3.05, note = NULL WHERE id = 3");
    const auto then_and_now = shop.bench.call(
        diff::diff_tool(shop.bench.work()),
        json::object{
            {"left", {{"evidence", {{"run", rows.at("run").at("id")}, {"file", "db_rows.prices.csv"}}}}},
            {"right", {{"mysql", {{"sql", "SELECT * FROM before_sale"}}}}},
            {"key", {"id"}},
            {"compare", {{"settle_ms", 20}, {"tolerance", {{"price", "0.05"}}}}}});
    CHECK(counts(then_and_now) == "2 1 0 0");
    CHECK(lines(then_and_now) == std::vector<std::string>{"3 note changed"});
}

TEST_CASE("a hundred thousand rows are compared exactly, in little memory") {
    constexpr int rows = 100'000;
    Shop shop;
    shop.servers.sql(
        "CREATE TABLE shop.orders (id INT PRIMARY KEY, user_id BIGINT, status VARCHAR(12), amount "
        "DECIMAL(12,2), "
        "updated_at DATETIME(6), note VARCHAR(80)) CHARACTER SET utf8mb4");
    shop.servers.sql(
        "INSERT INTO shop.orders SELECT seq, seq * 7, 'paid', seq / 100, '2026-01-02 03:04:05.250000', "
        "CONCAT('Grüße ', seq) FROM shop.seq_1_to_100000");
    std::vector<sandbox::RedisClient::Command> commands;
    int changed = 0, missing = 0;
    for (int id = 1; id <= rows; ++id) {
        if (id % 2'400 == 34 && ++missing <= 41) continue;
        const bool stale = id % 700 == 77 && ++changed <= 137;
        std::ostringstream amount;
        amount << id / 100 << '.' << std::setw(2) << std::setfill('0') << id % 100;
        const auto number = std::to_string(id);
        commands.push_back({"SET", "order:" + number,
                            R"({"id":)" + number + R"(,"user_id":)" + std::to_string(id * 7) +
                                R"(,"status":")" + (stale ? "open" : "paid") + R"(","amount":)" +
                                amount.str() + R"(,"updated_at":"2026-01-02T03:04:05.25Z","note":"Grüße )" +
                                number + "\"}"});
    }
    for (int id = rows + 1; id <= rows + 23; ++id)
        commands.push_back({"SET", "order:" + std::to_string(id), "{}"});
    commands.push_back({"SET", "order:1:lock", "1"});
    shop.servers.redis_all(commands);
    commands.clear();
    commands.shrink_to_fit();

    const auto before = begin_peak();
    const auto answer = shop.diff(R"({"left":{"mysql":{"sql":"SELECT * FROM orders ORDER BY id"}},
        "right":{"redis":{"key_template":"order:{id}","type":"string"}},"task":"orders",
        "compare":{"left_over":true,"settle_ms":50}})");

    CHECK(counts(answer) == std::to_string(rows - 137 - 41) + " 137 23 41");
    CHECK(json::serialize(answer.at("by_field").at("status")) ==
          R"({"match":)" + std::to_string(rows - 137 - 41) + R"(,"changed":137})");
    CHECK(json::serialize(answer.at("states")) == R"({"settled":201})");
    CHECK(json::parse(ToolBench::file(answer, "diff.orders.json")).at("differences").as_array().size() ==
          201);
    if (memory_is_ours) CHECK(memory_kib("VmHWM") - before <= 64 * 1024);
}
