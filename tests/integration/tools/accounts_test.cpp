// The accounts that docs/security.md recommends, made with its own words on real servers: casefile works with
// them, and they cannot write.

#include "base/text.h"
#include "sandbox/mariadb_client.h"
#include "sandbox/redis_client.h"
#include "tests/support/servers.h"
#include "tests/support/tool_bench.h"
#include "tools/environment/tools.h"
#include "tools/mysql/tools.h"
#include "tools/redis/second_opinion.h"
#include "tools/redis/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

/// The lines of the fenced block of this language.
std::vector<std::string> block_of_document(const std::string& language) {
    std::ifstream in(std::string(CASEFILE_SOURCE_DIR) + "/docs/security.md");
    REQUIRE(in);
    std::vector<std::string> out;
    bool within = false;
    for (std::string line; std::getline(in, line);) {
        if (within && line == "```") return out;
        if (within) out.push_back(line);
        if (line == "```" + language) within = true;
    }
    FAIL("docs/security.md has no block of " << language);
    return out;
}

sources::Endpoint endpoint(SourceKind kind, std::uint16_t port) {
    sources::Endpoint out;
    out.kind = kind;
    out.env = "SHOP";
    out.variable = upper(name_of(kind)) + "_SHOP_URL";
    out.host = "127.0.0.1";
    out.port = port;
    out.user = "casefile";
    out.password = Secret("choose-a-password");
    if (kind == SourceKind::mysql) out.database = "shop";
    return out;
}

json::object fingerprint_of(ToolBench& bench) {
    const auto answer = bench.call(environment::fingerprint_tool(bench.work()), {});
    CHECK(answer.at("can_write") == false);
    return answer.at("fingerprints").at(0).as_object();
}

}  // namespace

TEST_CASE(
    "the account for MariaDB that the document recommends reads all that casefile asks, and cannot write") {
    const auto& server = TestServers::get().mariadb;
    auto admin = sandbox::MariadbClient::connect(server.port, "admin", server.admin_password).value();
    admin.execute("CREATE DATABASE IF NOT EXISTS shop").value();
    admin.execute("CREATE OR REPLACE TABLE shop.orders (id INT PRIMARY KEY, status VARCHAR(10))").value();
    admin.execute("INSERT INTO shop.orders VALUES (1, 'paid'), (2, 'open')").value();
    admin.execute("CREATE OR REPLACE VIEW shop.paid AS SELECT id FROM shop.orders WHERE status = 'paid'")
        .value();
    admin.execute("DROP USER IF EXISTS 'casefile'@'127.0.0.1'").value();
    for (auto statement : block_of_document("sql")) {
        REQUIRE(statement.ends_with(';'));
        statement.pop_back();
        admin.execute(statement).value();
    }
    ToolBench bench;
    bench.add(sources::mysql::make_mysql_source(endpoint(SourceKind::mysql, server.port), bench.limits));
    bench.confirm("SHOP");

    const auto fingerprint = fingerprint_of(bench);

    CHECK_THAT(std::string(fingerprint.at("can_write_reason").as_string()),
               Catch::Contains("SELECT, SHOW VIEW ON `shop`.*"));
    const auto rows = [&](const std::string& sql) {
        return json::serialize(bench.call(mysql::query_tool(bench.work()), {{"sql", sql}}).at("rows"));
    };
    CHECK(rows("SELECT id FROM orders WHERE status = 'open'") == "[[2]]");
    const auto view = bench.call(mysql::query_tool(bench.work()), {{"sql", "SELECT id FROM paid"}});
    const auto manifest = json::parse(ToolBench::file(view, "query.manifest.json"));
    CHECK(manifest.at("details").at("plans").at(0).as_object().contains("rows_estimated"));
    CHECK(bench.call(mysql::describe_tool(bench.work()), {{"table", "orders"}}).contains("columns"));
    auto reader = sandbox::MariadbClient::connect(server.port, "casefile", "choose-a-password").value();
    for (const auto* harm : {"INSERT INTO shop.orders VALUES (3, 'x')", "DROP TABLE shop.orders",
                             "FLUSH TABLES", "SET GLOBAL max_connections = 1", "SELECT 1 INTO OUTFILE 'x'"}) {
        INFO(harm);
        CHECK_FALSE(reader.execute(harm));
    }
}

TEST_CASE(
    "the account for Redis that the document recommends reads all that casefile asks, and cannot write") {
    const auto& server = TestServers::get().redis;
    auto admin = sandbox::RedisClient::connect(server.port, server.password).value();
    admin.run({"SET", "product:1", "{\"price\":1}"}).value();
    admin.run({"HSET", "cart:1", "a", "1"}).value();
    for (const auto& line : block_of_document("redis")) admin.run(split(line, ' ')).value();
    ToolBench bench;
    bench.add(sources::redis::make_redis_source(endpoint(SourceKind::redis, server.port), bench.limits,
                                                tools::redis::object_to));
    bench.confirm("SHOP");

    fingerprint_of(bench);

    const auto read = bench.call(
        redis::read_tool(bench.work()),
        {{"commands", json::array{json::array{"GET", "product:1"}, json::array{"HGETALL", "cart:1"},
                                  json::array{"INFO", "server"}, json::array{"SLOWLOG", "GET", "5"},
                                  json::array{"CLIENT", "LIST"}, json::array{"CONFIG", "GET", "maxmemory"},
                                  json::array{"LATENCY", "LATEST"}, json::array{"MEMORY", "USAGE", "cart:1"},
                                  json::array{"DBSIZE"}, json::array{"ROLE"}, json::array{"TIME"}}}});
    for (const auto& reply : read.at("replies").as_array()) {
        INFO(json::serialize(reply));
        CHECK_FALSE(reply.as_object().contains("error"));
    }
    CHECK(bench.call(redis::scan_tool(bench.work()), {{"match", "product:*"}}).at("keys").as_array().size() ==
          1);
    using Reply = sandbox::RedisClient::Reply;
    CHECK(admin.run({"ACL", "DRYRUN", "casefile", "GET", "product:1"}).value() == Reply{"OK"});
    for (const std::vector<std::string>& harm :
         std::vector<std::vector<std::string>>{{"SET", "product:1", "x"},
                                               {"DEL", "product:1"},
                                               {"FLUSHALL"},
                                               {"EVAL", "return 1", "0"},
                                               {"CONFIG", "SET", "maxmemory", "1"},
                                               {"KEYS", "*"},
                                               {"CLIENT", "KILL", "TYPE", "normal"},
                                               {"CLIENT", "PAUSE", "1"},
                                               {"SHUTDOWN"},
                                               {"DEBUG", "SLEEP", "0"}}) {
        auto dry = harm;
        dry.insert(dry.begin(), {"ACL", "DRYRUN", "casefile"});
        INFO(join(harm, " "));
        const auto said = admin.run(dry);
        CHECK((!said || *said != Reply{"OK"}));
    }
}

TEST_CASE("an account of Redis counts as able to write where the server lets it act on others' connections") {
    const auto& server = TestServers::get().redis;
    auto admin = sandbox::RedisClient::connect(server.port, server.password).value();
    using Reply = sandbox::RedisClient::Reply;
    const std::string base = "ACL SETUSER casefile reset on >choose-a-password %R~* -@all +@read ";
    for (const std::string rules :
         {"+@connection", "+@connection -@dangerous", "+@connection -@admin +client|list",
          "+@connection -client", "-@dangerous +@connection", "+@connection -@dangerous +client|pause",
          "+@connection -client|kill",
          "+@connection -client|kill -client|pause -client|unpause -client|no-evict -client|unblock"}) {
        admin.run(split(base + rules + " +acl|getuser", ' ')).value();
        bool harms = false;
        for (const std::vector<std::string>& harm :
             std::vector<std::vector<std::string>>{{"CLIENT", "KILL", "TYPE", "normal"},
                                                   {"CLIENT", "PAUSE", "1"},
                                                   {"CLIENT", "UNPAUSE"},
                                                   {"CLIENT", "NO-EVICT", "on"},
                                                   {"CLIENT", "UNBLOCK", "1"}}) {
            auto dry = harm;
            dry.insert(dry.begin(), {"ACL", "DRYRUN", "casefile"});
            const auto said = admin.run(dry);
            harms = harms || (said && *said == Reply{"OK"});
        }
        ToolBench bench;
        bench.add(sources::redis::make_redis_source(endpoint(SourceKind::redis, server.port), bench.limits,
                                                    tools::redis::object_to));
        bench.confirm("SHOP");

        const auto answer = bench.call(environment::fingerprint_tool(bench.work()), {});

        INFO(rules << "\n" << json::serialize(answer.at("fingerprints")));
        CHECK(answer.at("can_write") == harms);
    }
}
