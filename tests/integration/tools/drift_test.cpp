// Another server behind the address that a human confirmed: nothing is read from it.

#include "base/text.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "tests/support/servers.h"
#include "tests/support/tool_bench.h"
#include "tests/support/tunnel.h"
#include "tools/environment/tools.h"
#include "tools/kafka/tools.h"
#include "tools/mysql/tools.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

sources::Endpoint endpoint(SourceKind kind, std::uint16_t port, const std::string& user,
                           const std::string& password) {
    sources::Endpoint out;
    out.kind = kind;
    out.env = "SHOP";
    out.variable = upper(name_of(kind)) + "_SHOP_URL";
    out.host = "127.0.0.1";
    out.port = port;
    out.user = user;
    out.password = Secret(password);
    return out;
}

/// A server that took over the port and the accounts: each start makes new passwords.
sandbox::MariadbServer take_over(const std::filesystem::path& folder, const sandbox::MariadbServer& from) {
    auto server = sandbox::MariadbServer::start(folder, from.port);
    REQUIRE(server);
    auto admin = sandbox::MariadbClient::connect(server->port, "admin", server->admin_password);
    REQUIRE(admin);
    REQUIRE(admin->execute("ALTER USER 'reader'@'127.0.0.1' IDENTIFIED BY '" + from.reader_password + "'"));
    return *std::move(server);
}

sandbox::RedisServer take_over(const std::filesystem::path& folder, const sandbox::RedisServer& from) {
    auto server = sandbox::RedisServer::start(folder, from.port);
    REQUIRE(server);
    auto client = sandbox::RedisClient::connect(server->port, server->password);
    REQUIRE(client);
    REQUIRE(client->run({"CONFIG", "SET", "requirepass", from.password}));
    return *std::move(server);
}

}  // namespace

TEST_CASE("a copy of the database behind the same port suspends the grant until a human sees it") {
    TemporaryFolder folder;
    auto original = sandbox::MariadbServer::start(folder.path() / "original");
    REQUIRE(original);
    const auto port = original->port;
    ToolBench bench;
    bench.add(sources::mysql::make_mysql_source(
        endpoint(SourceKind::mysql, port, "reader", original->reader_password), bench.limits));
    bench.confirm("SHOP");
    const json::object question{{"sql", "SELECT @@datadir AS datadir"}};
    const auto before = bench.call(mysql::query_tool(bench.work()), question);

    original->process.stop();
    std::filesystem::copy(folder.path() / "original", folder.path() / "copy",
                          std::filesystem::copy_options::recursive);
    auto copy = take_over(folder.path() / "copy", *original);

    const auto refused = bench.refusal(mysql::query_tool(bench.work()), question);
    const std::string told(refused.at("message").as_string());
    CHECK_THAT(told, Catch::Contains("is not what was confirmed: datadir: confirmed"));
    CHECK_THAT(told, Catch::Contains("/original/") && Catch::Contains("/copy/"));

    SECTION("even when the original is back") {
        copy.process.stop();
        const auto back = take_over(folder.path() / "original", *original);
        const auto still = bench.refusal(mysql::query_tool(bench.work()), question);
        CHECK_THAT(std::string(still.at("message").as_string()), Catch::Contains("SHOP is suspended"));
    }
    SECTION("and a new word of a human ends it") {
        bench.confirm("SHOP");
        const auto after = bench.call(mysql::query_tool(bench.work()), question);
        CHECK(after.at("rows") != before.at("rows"));
    }
    SECTION("and the question shows what is there now") {
        const auto outcome =
            bench.call_once(environment::confirm_environment_tool(bench.work()), {{"env", "SHOP"}});
        REQUIRE(std::holds_alternative<mcp::NeedsInput>(outcome));
    }
}

TEST_CASE("a restart of Redis is told as one, and a human is asked once") {
    TemporaryFolder folder;
    auto server = sandbox::RedisServer::start(folder.path() / "redis");
    REQUIRE(server);
    const auto port = server->port;
    ToolBench bench;
    bench.add(sources::redis::make_redis_source(endpoint(SourceKind::redis, port, "", server->password),
                                                bench.limits));
    bench.confirm("SHOP");
    const json::object question{{"commands", json::array{json::array{"GET", "k"}}}};
    bench.call(redis::read_tool(bench.work()), question);

    server->process.stop();
    SECTION("the same server") {
        const auto again = take_over(folder.path() / "redis", *server);
        const auto refused = bench.refusal(redis::read_tool(bench.work()), question);
        CHECK_THAT(std::string(refused.at("message").as_string()),
                   Catch::Contains("was restarted since it was confirmed: run_id"));
        bench.confirm("SHOP");
        bench.call(redis::read_tool(bench.work()), question);
    }
    SECTION("another one") {
        const auto other = take_over(folder.path() / "other", *server);
        const auto refused = bench.refusal(redis::read_tool(bench.work()), question);
        CHECK_THAT(std::string(refused.at("message").as_string()),
                   Catch::Contains("is not what was confirmed") && Catch::Contains("config_file"));
    }
}

TEST_CASE(
    "another Kafka cluster behind the same port suspends the grant, though the client connects anew by "
    "itself") {
    auto original = sandbox::KafkaMock::start(), other = sandbox::KafkaMock::start();
    REQUIRE(original);
    REQUIRE(other);
    REQUIRE(original->create_topic("orders", 1));
    REQUIRE(other->create_topic("orders", 1));
    const auto port_of = [](const sandbox::KafkaMock& mock) {
        const auto brokers = mock.brokers();
        return static_cast<std::uint16_t>(std::stoi(brokers.substr(brokers.find(':') + 1)));
    };
    Tunnel tunnel(port_of(*original));
    ToolBench bench;
    auto to = endpoint(SourceKind::kafka, tunnel.port, "", "");
    to.variable = "KAFKA_SHOP_BROKERS";
    to.brokers = {"127.0.0.1:" + std::to_string(tunnel.port)};
    bench.add(sources::kafka::make_kafka_source(to, bench.limits));
    bench.confirm("SHOP");
    const json::object question{{"topic", "orders"}, {"from", "newest"}};
    bench.call(kafka::read_tool(bench.work()), question);

    tunnel.lead_to(port_of(*other));

    // A call may still find its client as it was; the one after it does not.
    auto told = bench.result(kafka::read_tool(bench.work()), question);
    if (!told.is_error) told = bench.result(kafka::read_tool(bench.work()), question);
    INFO(told.text);
    REQUIRE(told.is_error);
    CHECK_THAT(told.text, Catch::Contains("is not what was confirmed: cluster_id: confirmed"));
    bench.confirm("SHOP");
    bench.call(kafka::read_tool(bench.work()), question);
}

TEST_CASE("fingerprint shows another server on both sides, and ends the grant") {
    TemporaryFolder folder;
    auto first = sandbox::RedisServer::start(folder.path() / "first");
    REQUIRE(first);
    ToolBench bench;
    Tunnel tunnel(first->port);
    bench.add(sources::redis::make_redis_source(endpoint(SourceKind::redis, tunnel.port, "", first->password),
                                                bench.limits));
    bench.confirm("SHOP");
    CHECK(bench.call(environment::fingerprint_tool(bench.work()), {}).at("drift").as_array().empty());
    auto second = sandbox::RedisServer::start(folder.path() / "second");
    REQUIRE(second);
    auto admin = sandbox::RedisClient::connect(second->port, second->password);
    REQUIRE(admin);
    REQUIRE(admin->run({"CONFIG", "SET", "requirepass", first->password}));

    tunnel.lead_to(second->port);

    const auto drift = bench.call(environment::fingerprint_tool(bench.work()), {}).at("drift").as_array();
    const auto lines = json::serialize(drift);
    CHECK_THAT(lines, Catch::Contains("REDIS_SHOP_URL tcp_port: confirmed") &&
                          Catch::Contains("config_file") && Catch::Contains("run_id"));
    const auto refused =
        bench.refusal(redis::read_tool(bench.work()), {{"commands", json::array{json::array{"GET", "k"}}}});
    CHECK_THAT(std::string(refused.at("message").as_string()), Catch::Contains("SHOP is suspended"));
}

TEST_CASE(
    "a server of MariaDB that became a replica is told with the next answer, and the confirmation lasts") {
    TemporaryFolder folder;
    auto server = sandbox::MariadbServer::start(folder.path() / "mariadb");
    REQUIRE(server);
    auto admin = sandbox::MariadbClient::connect(server->port, "admin", server->admin_password);
    REQUIRE(admin);
    REQUIRE(admin->execute("GRANT REPLICA MONITOR ON *.* TO 'reader'@'127.0.0.1'"));
    ToolBench bench;
    bench.add(sources::mysql::make_mysql_source(
        endpoint(SourceKind::mysql, server->port, "reader", server->reader_password), bench.limits));
    bench.confirm("SHOP");
    const json::object question{{"sql", "SELECT 1"}};
    CHECK_FALSE(bench.call(mysql::query_tool(bench.work()), question).contains("drift"));

    REQUIRE(admin->execute("CHANGE MASTER TO MASTER_HOST = '127.0.0.1'"));
    REQUIRE(admin->execute("KILL USER 'reader'@'127.0.0.1'"));

    for (int answers = 0; answers < 2; ++answers) {
        const auto told = bench.call(mysql::query_tool(bench.work()), question);
        CHECK(told.at("drift").at(0) ==
              R"(MYSQL_SHOP_URL role: confirmed "primary or alone", now "replica"; )"
              "the confirmation lasts");
        CHECK(json::parse(ToolBench::file(told, "query.manifest.json")).at("details").at("drift") ==
              told.at("drift"));
    }
}

TEST_CASE("a Redis that became a replica is told with the next answer, and the confirmation lasts") {
    TemporaryFolder folder;
    auto server = sandbox::RedisServer::start(folder.path() / "redis");
    REQUIRE(server);
    ToolBench bench;
    bench.add(sources::redis::make_redis_source(
        endpoint(SourceKind::redis, server->port, "", server->password), bench.limits));
    bench.confirm("SHOP");
    const json::object question{{"commands", json::array{json::array{"GET", "k"}}}};
    CHECK_FALSE(bench.call(redis::read_tool(bench.work()), question).contains("drift"));

    auto admin = sandbox::RedisClient::connect(server->port, server->password);
    REQUIRE(admin);
    REQUIRE(admin->run({"REPLICAOF", "127.0.0.1", "1"}));
    REQUIRE(admin->run({"CLIENT", "KILL", "TYPE", "normal"}));

    const auto told = bench.call(redis::read_tool(bench.work()), question);
    CHECK(json::serialize(told.at("drift")) ==
          R"(["REDIS_SHOP_URL role: confirmed \"primary\", now \"replica\"; the confirmation lasts"])");
}
