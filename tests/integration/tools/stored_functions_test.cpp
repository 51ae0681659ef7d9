// A function that MySQL has built in and MariaDB has not, stored by somebody in the schema of the connection:
// a real MariaDB calls it, so casefile refuses it.

#include "base/text.h"
#include "sandbox/mariadb_client.h"
#include "tests/support/endpoints.h"
#include "tests/support/servers.h"
#include "tests/support/tool_bench.h"
#include "tools/diff/tools.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

sandbox::MariadbClient admin() {
    const auto& server = TestServers::get().mariadb;
    auto client = sandbox::MariadbClient::connect(server.port, "admin", server.admin_password);
    REQUIRE(client);
    return *std::move(client);
}

std::string lock_holder() {
    const auto rows = admin().query("SELECT IS_USED_LOCK('held')");
    REQUIRE(rows);
    return (*rows)[0][0].value_or("nobody");
}

/// The account may execute what is stored, as one that an application uses often may.
struct Compatible : ToolBench {
    Compatible() {
        const auto& server = TestServers::get().mariadb;
        auto client = admin();
        for (const auto& sql : {
                 std::string("CREATE OR REPLACE DATABASE compatible"),
                 std::string("CREATE FUNCTION compatible.any_value(x INT) RETURNS INT BEGIN DO "
                             "GET_LOCK('held', 0); RETURN x; END"),
                 std::string("CREATE TABLE compatible.orders (id INT PRIMARY KEY)"),
                 std::string("INSERT INTO compatible.orders VALUES (1)"),
                 std::string("CREATE VIEW compatible.seen AS SELECT compatible.any_value(id) AS id FROM "
                             "compatible.orders"),
                 "CREATE OR REPLACE USER compatible@'127.0.0.1' IDENTIFIED BY '" + server.reader_password +
                     "'",
                 std::string("GRANT SELECT, SHOW VIEW, EXECUTE ON compatible.* TO compatible@'127.0.0.1'"),
             }) {
            INFO(sql);
            REQUIRE(client.execute(sql));
        }
        const auto endpoint = endpoint_of(SourceKind::mysql, "SHOP", server.port, "compatible",
                                          server.reader_password, "compatible");
        add(sources::mysql::make_mysql_source(endpoint, limits));
        confirm("SHOP");
    }
    json::object refused(const std::string& sql) {
        return refusal(mysql::query_tool(work()), {{"sql", sql}});
    }
    std::string rows(const std::string& sql) {
        return json::serialize(call(mysql::query_tool(work()), {{"sql", sql}}).at("rows"));
    }
};

}  // namespace

TEST_CASE("a stored function by the name of one that the server lacks is refused, and takes no lock") {
    Compatible shop;
    for (const auto* sql :
         {"SELECT ANY_VALUE(1)", "SELECT any_value (id) FROM orders", "SELECT 1 WHERE Any_Value/**/(1)",
          "SELECT * FROM (SELECT ANY_VALUE(id) AS id FROM orders) AS d", "EXPLAIN SELECT ANY_VALUE(1)"}) {
        INFO(sql);
        const auto refused = shop.refused(sql);
        CHECK(refused.at("layer") == "casefile");
        CHECK(refused.at("message") ==
              "statement not allowed: ANY_VALUE() is stored in the schema, and a server without a built-in "
              "function of that name calls it");
    }
    const auto diff = shop.refusal(
        diff::diff_tool(shop.work()),
        {{"left", json::object{{"mysql", json::object{{"sql", "SELECT ANY_VALUE(id) AS id FROM orders"}}}}},
         {"right", json::object{{"csv", json::object{{"text", "id\n1\n"}}}}},
         {"key", json::array{"id"}}});
    CHECK_THAT(std::string(diff.at("message").as_string()), Catch::Contains("ANY_VALUE() is stored"));
    CHECK_THAT(std::string(shop.refused("SELECT id FROM seen").at("message").as_string()),
               Catch::Contains("statement not allowed") || Catch::Contains("does what no statement may"));
    CHECK(lock_holder() == "nobody");
}

TEST_CASE("a function that is stored between two questions is refused in the second") {
    Compatible shop;
    REQUIRE(admin().execute("DROP FUNCTION compatible.any_value"));
    CHECK(shop.refused("SELECT ANY_VALUE(1)").at("layer") == "database");

    REQUIRE(admin().execute("CREATE FUNCTION compatible.any_value(x INT) RETURNS INT RETURN x"));
    CHECK(shop.refused("SELECT ANY_VALUE(1)").at("layer") == "casefile");
}

TEST_CASE("functions that the server has, and those that nobody stored, are asked as before") {
    Compatible shop;
    CHECK(shop.rows("SELECT JSON_VALUE('{\"a\": 1}', '$.a'), SHA2('a', 0) IS NULL, REGEXP_REPLACE('ab', 'b', "
                    "'c')") == R"([["1",0,"ac"]])");
    CHECK(shop.rows("SELECT COUNT(*), MAX(id) FROM orders") == R"([["1",1]])");
    const auto missing = shop.refused("SELECT BIN_TO_UUID(1)");
    CHECK(missing.at("layer") == "database");
    CHECK_THAT(std::string(missing.at("message").as_string()), Catch::Contains("does not exist"));
}
