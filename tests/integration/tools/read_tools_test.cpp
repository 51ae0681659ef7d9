// The reading tools on real servers: what was planted comes back, through the real policy and into real
// evidence.

#include "base/text.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "tests/support/servers.h"
#include "tests/support/tool_bench.h"
#include "tools/kafka/tools.h"
#include "tools/mysql/tools.h"
#include "tools/redis/second_opinion.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

sources::Endpoint endpoint(SourceKind kind) {
    const auto& servers = TestServers::get();
    sources::Endpoint out;
    out.kind = kind;
    out.env = "SHOP";
    out.variable = upper(name_of(kind)) + "_SHOP_URL";
    out.host = "127.0.0.1";
    if (kind == SourceKind::mysql) {
        out.port = servers.mariadb.port;
        out.user = "reader";
        out.password = Secret(servers.mariadb.reader_password);
        out.database = "read_tools";
    } else if (kind == SourceKind::redis) {
        out.port = servers.redis.port;
        out.password = Secret(servers.redis.password);
        out.database = "7";
    } else {
        out.brokers = {servers.kafka->brokers()};
        out.groups = {"read-tools-stopped", "read-tools-done"};
    }
    return out;
}

struct Shop : ToolBench {
    Shop() {
        add(sources::mysql::make_mysql_source(endpoint(SourceKind::mysql), limits));
        add(sources::redis::make_redis_source(endpoint(SourceKind::redis), limits, redis::object_to));
        add(sources::kafka::make_kafka_source(endpoint(SourceKind::kafka), limits));
        confirm("SHOP");
    }
};

void plant_sql(const std::vector<std::string>& statements) {
    const auto& server = TestServers::get().mariadb;
    auto admin = sandbox::MariadbClient::connect(server.port, "admin", server.admin_password);
    REQUIRE(admin);
    for (const auto& sql : statements) REQUIRE(admin->execute(sql));
}

void plant_redis(const std::vector<sandbox::RedisClient::Command>& commands) {
    const auto& server = TestServers::get().redis;
    auto client = sandbox::RedisClient::connect(server.port, server.password);
    REQUIRE(client);
    REQUIRE(client->run({"SELECT", "7"}));
    REQUIRE(client->run({"FLUSHDB"}));
    REQUIRE(client->run_all(commands));
}

const json::object& line_named(const json::value& list, std::string_view member, std::string_view name) {
    for (const auto& line : list.as_array())
        if (string_or(line.as_object(), member) == name) return line.as_object();
    FAIL("no line with " << member << " " << name << " in " << json::serialize(list));
    throw std::logic_error("unreachable");
}

}  // namespace

TEST_CASE("tables and one table are described as the server made them") {
    plant_sql({"DROP DATABASE IF EXISTS read_tools", "CREATE DATABASE read_tools",
               "CREATE TABLE read_tools.shops (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(40)) COMMENT "
               "'where we sell'",
               "CREATE TABLE read_tools.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, shop_id BIGINT "
               "UNSIGNED NOT NULL, "
               "note TEXT DEFAULT NULL COMMENT 'free text', total DECIMAL(12,2) NOT NULL DEFAULT 0.00, "
               "KEY by_note (shop_id, note(20)), CONSTRAINT fk_shop FOREIGN KEY (shop_id) REFERENCES "
               "read_tools.shops (id))",
               "CREATE VIEW read_tools.totals AS SELECT SUM(total) AS total FROM read_tools.orders"});
    Shop shop;

    const auto all = shop.call(mysql::describe_tool(shop.work()), {});
    REQUIRE(all.at("tables").as_array().size() == 3);
    CHECK(line_named(all.at("tables"), "name", "shops").at("comment") == "where we sell");
    CHECK(line_named(all.at("tables"), "name", "totals").at("type") == "VIEW");
    CHECK(shop.call(mysql::describe_tool(shop.work()), {{"like", "o%"}}).at("tables").as_array().size() == 1);

    for (const auto* name : {"orders", "read_tools.orders"}) {
        INFO(name);
        const auto orders = shop.call(mysql::describe_tool(shop.work()), {{"table", name}});
        CHECK(orders.at("table").at("engine") == "InnoDB");
        REQUIRE(orders.at("columns").as_array().size() == 4);
        CHECK(orders.at("columns").at(0).at("key") == "PRI");
        CHECK(orders.at("columns").at(0).at("extra") == "auto_increment");
        CHECK(orders.at("columns").at(3).at("type") == "decimal(12,2)");
        CHECK(orders.at("columns").at(3).at("default") == "0.00");
        CHECK(line_named(orders.at("indexes"), "name", "by_note").at("columns") ==
              json::array{"shop_id", "note(20)"});
        CHECK(orders.at("foreign_keys").at(0).at("to") == "read_tools.shops (id)");
        CHECK(orders.at("referenced_by").as_array().empty());
    }
    const auto shops = shop.call(mysql::describe_tool(shop.work()), {{"table", "shops"}});
    CHECK(shops.at("referenced_by").at(0).at("from") == "read_tools.orders (shop_id)");
    const auto wide = shop.call(mysql::describe_tool(shop.work()), {{"table", "orders"}, {"like", "sh%"}});
    REQUIRE(wide.at("columns").as_array().size() == 1);
    CHECK(wide.at("columns").at(0).at("name") == "shop_id");
    const auto missing = shop.refusal(mysql::describe_tool(shop.work()), {{"table", "no'such"}});
    CHECK(missing.at("kind") == "not_found");
}

TEST_CASE("values of every type come back with type and time to live") {
    const std::string bytes("\x00\xff\x10", 3);
    plant_redis({{"SET", "doc", R"({"price": 10.10, "n": 12345678901234567890})"},
                 {"SET", "short", "x", "PX", "3600000"},
                 {"SET", "bin", bytes},
                 {"HSET", "h", "name", "Caf\xc3\xa9", "n", "9007199254740993"},
                 {"RPUSH", "l", "a", "b", "c"},
                 {"ZADD", "z", "1.5", "m"},
                 {"SADD", "s", "m"},
                 {"XADD", "x", "1-1", "f", "v"}});
    Shop shop;

    const auto answer = shop.call(redis::read_tool(shop.work()),
                                  {{"commands", json::array{{"GET", "doc"},
                                                            {"GET", "short"},
                                                            {"GET", "bin"},
                                                            {"HGETALL", "h"},
                                                            {"LRANGE", "l", "0", "1"},
                                                            {"ZRANGE", "z", "0", "9", "WITHSCORES"},
                                                            {"XRANGE", "x", "-", "+", "COUNT", "5"},
                                                            {"GET", "gone"},
                                                            {"GET", "h"},
                                                            {"HLEN", "h"}}}});

    const auto& replies = answer.at("replies").as_array();
    REQUIRE(replies.size() == 10);
    CHECK(replies[0].at("value") == R"({"price": 10.10, "n": 12345678901234567890})");
    CHECK(replies[0].at("ttl_ms") == -1);
    CHECK(replies[1].at("ttl_ms").as_int64() > 3'000'000);
    CHECK(replies[2].at("value") == json::value{{"base64", "AP8Q"}});
    CHECK(replies[3].at("type") == "hash");
    CHECK(replies[3].at("value") == json::value{{"name", "Caf\xc3\xa9"}, {"n", "9007199254740993"}});
    CHECK(replies[4].at("value") == json::array{"a", "b"});
    CHECK(replies[5].at("value") == json::array{"m", "1.5"});
    CHECK(replies[6].at("type") == "stream");
    CHECK(replies[7].at("type") == "none");
    CHECK(replies[7].at("value").is_null());
    CHECK_THAT(string_or(replies[8].as_object(), "error"), Catch::StartsWith("WRONGTYPE"));
    CHECK(replies[9].at("value") == "2");
}

TEST_CASE("what is too large is cut or refused by the server's own sizes") {
    std::vector<sandbox::RedisClient::Command> commands{{"SET", "large", std::string(5000, 'x')}};
    for (int i = 0; i < 40; ++i) commands.push_back({"HSET", "big", "field" + std::to_string(i), "1"});
    plant_redis(commands);
    Shop shop;
    shop.limits.value_bytes_max = 1000;
    shop.limits.rows_max = 30;

    const auto answer = shop.call(redis::read_tool(shop.work()),
                                  {{"commands", json::array{{"GET", "large"}, {"HGETALL", "big"}}}});

    CHECK(answer.at("replies").at(0).at("bytes") == "5000");
    CHECK(answer.at("replies").at(0).at("value").as_string().size() == 1000);
    CHECK_THAT(string_or(answer.at("replies").at(1).as_object(), "error"), Catch::Contains("40 elements"));
}

TEST_CASE("one huge element among many small ones is seen before it is read, whatever asks for it") {
    std::vector<sandbox::RedisClient::Command> commands;
    for (int i = 0; i < 400; ++i) commands.push_back({"HSET", "h", "field" + std::to_string(i), "1"});
    const std::string huge(300'000, 'x');
    commands.push_back({"HSET", "h", "huge", huge});
    commands.push_back({"SADD", "s", huge});
    commands.push_back({"RPUSH", "l", huge});
    commands.push_back({"XADD", "x", "1-1", "f", huge});
    plant_redis(commands);
    Shop shop;
    shop.limits.message_bytes_max = 200'000;
    shop.limits.value_bytes_max = 150'000;

    const auto answer = shop.call(redis::read_tool(shop.work()),
                                  {{"commands", json::array{{"HGETALL", "h"},
                                                            {"HSCAN", "h", "0", "COUNT", "1000"},
                                                            {"SRANDMEMBER", "s", "-10"},
                                                            {"SSCAN", "s", "0"},
                                                            {"LINDEX", "l", "0"},
                                                            {"XREAD", "COUNT", "1", "STREAMS", "x", "0"},
                                                            {"XINFO", "STREAM", "x"},
                                                            {"HGET", "h", "field7"}}}});

    const auto& replies = answer.at("replies").as_array();
    for (std::size_t i = 0; i < 7; ++i) {
        INFO(json::serialize(replies[i]));
        CHECK_THAT(string_or(replies[i].as_object(), "error"), Catch::Contains("would give about 3"));
    }
    CHECK(replies[7].at("value") == "1");
}

TEST_CASE("commands whose answers are too large together are refused one by one, not the whole call") {
    std::vector<sandbox::RedisClient::Command> commands;
    json::array asked;
    for (int i = 0; i < 5; ++i) {
        commands.push_back({"SET", "part" + std::to_string(i), std::string(1000, 'x')});
        asked.push_back(json::array{"GET", "part" + std::to_string(i)});
    }
    plant_redis(commands);
    Shop shop;
    shop.limits.message_bytes_max = 1200;

    const auto answer = shop.call(redis::read_tool(shop.work()), {{"commands", asked}});

    CHECK(answer.at("replies").at(2).at("value").as_string().size() == 1000);
    for (const std::size_t i : {3U, 4U})
        CHECK_THAT(string_or(answer.at("replies").at(i).as_object(), "error"),
                   Catch::Contains("ask for it in a call of its own"));
}

TEST_CASE("a scan finds every key once, and tells the templates") {
    std::vector<sandbox::RedisClient::Command> commands{{"SET", "config", "x"}};
    for (int i = 0; i < 5000; ++i)
        commands.push_back({"SET", "product:" + std::to_string(i), "x", "EX", "600"});
    plant_redis(commands);
    Shop shop;

    const auto answer = shop.call(redis::scan_tool(shop.work()), {});
    CHECK(answer.at("keys_found") == 5001);
    CHECK(answer.at("scanned") == 5001);
    CHECK(answer.at("patterns").at(0).at("pattern") == "product:{id}");
    CHECK(answer.at("patterns").at(0).at("keys") == 5000);
    CHECK(answer.at("patterns").at(0).at("never_expire") == 0);
    CHECK(answer.at("keys").at(0).at("key") == "config");
    CHECK(answer.at("keys").at(0).at("bytes").as_int64() > 0);
    const auto file = json::parse(ToolBench::file(answer, "redis_value.scan.json"));
    CHECK(file.at("keys").as_array().size() == 5001);
    CHECK(file.at("complete") == true);

    const auto some = shop.call(redis::scan_tool(shop.work()), {{"match", "product:*"}, {"keys_max", 10}});
    CHECK(some.at("keys_found") == 10);
    CHECK_THAT(string_or(some, "reason"), Catch::Contains("keys_max 10 was reached"));
}

TEST_CASE("a consumer group that stopped is found on a broker that lists no groups") {
    auto& kafka = *TestServers::get().kafka;
    Shop shop;
    const auto long_ago = shop.clock.now() - std::chrono::hours(2);
    REQUIRE(kafka.create_topic("read-tools-orders", 2));
    std::vector<sandbox::KafkaMock::Message> messages;
    for (std::int32_t i = 0; i < 20; ++i)
        messages.push_back({.topic = "read-tools-orders",
                            .partition = i % 2,
                            .key = "o-" + std::to_string(i),
                            .value = R"({"n": )" + std::to_string(i) + "}",
                            .headers = {{"trace", "t-1"}},
                            .timestamp_ms = long_ago.time_since_epoch().count() + i});
    REQUIRE(kafka.produce(messages));
    REQUIRE(kafka.commit("read-tools-stopped", {{"read-tools-orders", {{0, 4}, {1, 10}}}}));
    REQUIRE(kafka.commit("read-tools-done", {{"read-tools-orders", {{0, 10}, {1, 10}}}}));

    const auto lag = shop.call(tools::kafka::lag_tool(shop.work()), {{"topics", {"read-tools-orders"}}});

    CHECK(lag.at("groups_from") == "configuration");
    CHECK_FALSE(string_or(lag, "reason").empty());
    const auto& stopped = line_named(lag.at("groups"), "group", "read-tools-stopped");
    CHECK(stopped.at("verdict") == "STOPPED");
    CHECK(stopped.at("lag") == "6");
    CHECK(stopped.at("time_lag_seconds") == 7199);
    CHECK(line_named(lag.at("groups"), "group", "read-tools-done").at("verdict") == "OK");
    CHECK(lag.at("partitions").at(0).at("committed") == "4");
    CHECK(lag.at("partitions").at(0).at("end") == "10");
    CHECK(lag.at("partitions").as_array().size() == 4);

    const auto read =
        shop.call(tools::kafka::read_tool(shop.work()),
                  {{"topic", "read-tools-orders"}, {"partition", 0}, {"from", 4}, {"messages_max", 2}});
    REQUIRE(read.at("messages").as_array().size() == 2);
    CHECK(read.at("messages").at(0).at("offset") == "4");
    CHECK(read.at("messages").at(0).at("value") == R"({"n": 8})");
    CHECK(read.at("messages").at(0).at("headers").at(0).at("value") == "t-1");
    CHECK(read.at("truncated") == true);

    const auto by_key =
        shop.call(tools::kafka::read_tool(shop.work()), {{"topic", "read-tools-orders"}, {"key", "o-13"}});
    REQUIRE(by_key.at("messages").as_array().size() == 1);
    CHECK(by_key.at("messages").at(0).at("partition") == 1);
    CHECK(by_key.at("truncated") == false);

    const auto missing = shop.refusal(tools::kafka::read_tool(shop.work()), {{"topic", "nothing"}});
    CHECK(missing.at("kind") == "not_found");
}
