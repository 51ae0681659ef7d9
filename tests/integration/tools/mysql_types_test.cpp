// Every type of a real server, through the tool: what the file and the answer hold is what was stored.

#include "tests/integration/tools/private_servers.h"
#include "tools/csv.h"
#include "tools/mysql/tools.h"

using namespace casefile;
using namespace casefile::tools;

namespace {

struct Stored {
    const char* declaration;
    const char* expression;
    json::value shown;  ///< in the answer; in the file the same as text
};

std::vector<std::optional<std::string>> second_line(const std::string& file) {
    CsvReader reader([at = std::size_t{0}, &file](std::span<char> into) mutable -> Result<std::size_t> {
        const auto count = std::min(into.size(), file.size() - at);
        std::copy_n(file.data() + at, count, into.data());
        at += count;
        return count;
    });
    CsvReader::Row row;
    REQUIRE(reader.next(row));
    REQUIRE(reader.next(row));
    return row;
}

}  // namespace

TEST_CASE("a value of each type comes back from file and answer exactly as it was stored") {
    const std::vector<Stored> all = {
        {"BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615"},
        {"BIGINT", "-9223372036854775808", "-9223372036854775808"},
        {"INT", "-2147483648", -2147483648},
        {"INT UNSIGNED ZEROFILL", "42", "0000000042"},
        {"DECIMAL(65,30)", "-12345678901234567890123456789012345.123456789012345678901234567890",
         "-12345678901234567890123456789012345.123456789012345678901234567890"},
        {"DATETIME(6)", "'2026-11-22 14:02:03.100000'", "2026-11-22 14:02:03.100000"},
        // Stored from a session two hours ahead of UTC, told in UTC.
        {"TIMESTAMP(6) NULL", "'2026-11-22 14:02:03.000001'", "2026-11-22 12:02:03.000001"},
        {"DATETIME", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"},
        {"DATE", "'0000-00-00'", "0000-00-00"},
        {"TIME(6)", "'-838:59:59.000001'", "-838:59:59.000001"},
        {"YEAR", "2155", 2155},
        {"BIT(64)", "b'1111111111111111111111111111111111111111111111111111111111111111'",
         "18446744073709551615"},
        {"BIT(1)", "b'1'", "1"},
        {"JSON", "'{\"a\": 1.10, \"big\": 12345678901234567890123}'",
         "{\"a\": 1.10, \"big\": 12345678901234567890123}"},
        {"BLOB", "X'00FF0A2C'", "base64:AP8KLA=="},
        {"BINARY(3)", "X'61'", "base64:YQAA"},
        {"VARBINARY(4)", "''", "base64:"},
        {"VARCHAR(20)", "NULL", nullptr},
        {"VARCHAR(20)", "''", ""},
        {"VARCHAR(20)", "'a,\"b\"\\r\\n|c'", "a,\"b\"\r\n|c"},
        {"VARCHAR(20) CHARACTER SET latin1", "'\xC3\xA9'", "\xC3\xA9"},
        {"VARCHAR(20)", "'\xF0\x9F\x98\x80'", "\xF0\x9F\x98\x80"},
        {"ENUM('a','b')", "'b'", "b"},
        {"SET('x','y','z')", "'x,z'", "x,z"},
        {"FLOAT", "0.1", "0.1"},
        {"DOUBLE", "1.7976931348623157e308", "1.7976931348623157e308"},
        {"DOUBLE", "-5e-324", "-5e-324"},
        {"POINT", "POINT(1, 2)", "base64:AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAQA=="},
        {"UUID", "'123e4567-e89b-12d3-a456-426655440000'", "123e4567-e89b-12d3-a456-426655440000"},
        {"INET6", "'2001:db8::ff00:42:8329'", "2001:db8::ff00:42:8329"},
    };
    auto& database = PrivateMariadb::get();
    auto admin = database.admin();
    std::vector<std::string> columns, values;
    for (std::size_t i = 0; i < all.size(); ++i) {
        columns.push_back("c" + std::to_string(i) + " " + all[i].declaration);
        values.emplace_back(all[i].expression);
    }
    REQUIRE(
        admin.execute("SET SESSION sql_mode='', time_zone='+02:00', character_set_client=utf8mb4, "
                      "character_set_connection=utf8mb4"));
    REQUIRE(admin.execute("CREATE OR REPLACE TABLE faults.types (" + join(columns, ", ") + ")"));
    REQUIRE(admin.execute("INSERT INTO faults.types VALUES (" + join(values, ", ") + ")"));
    ToolBench bench;
    bench.add(sources::mysql::make_mysql_source(database.endpoint(database.port()), bench.limits));
    bench.confirm("SHOP");

    const auto came = bench.result(mysql::query_tool(bench.work()), {{"sql", "SELECT * FROM types"}});

    const auto answer = json::parse(mcp::structured_text(came)).as_object();
    INFO(json::serialize(answer));
    REQUIRE(answer.contains("rows"));
    CHECK(answer.at("snapshot").at("time_zone") == "+00:00");
    const auto& row = answer.at("rows").at(0).as_array();
    const auto line = second_line(ToolBench::file(answer, "db_rows.query.csv"));
    REQUIRE(row.size() == all.size());
    REQUIRE(line.size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        INFO(all[i].declaration << " " << all[i].expression);
        CHECK(row[i] == all[i].shown);
        const auto& shown = all[i].shown;
        const auto text = shown.is_null()     ? std::nullopt
                          : shown.is_string() ? std::optional(std::string(shown.get_string()))
                                              : std::optional(json::serialize(shown));
        CHECK(line[i] == text);
    }
}

TEST_CASE("a schema that is altered between two calls of a case is told change by change") {
    auto& database = PrivateMariadb::get();
    database.as_admin(
        "CREATE OR REPLACE TABLE faults.parts (id INT PRIMARY KEY, at DATE NOT NULL, note VARCHAR(20)) "
        "COMMENT 'spare parts'");
    ToolBench bench;
    bench.add(sources::mysql::make_mysql_source(database.endpoint(database.port()), bench.limits));
    bench.confirm("SHOP");
    const auto first =
        bench.call(mysql::describe_tool(bench.work()), {{"table", "parts"}, {"snapshot", true}});
    CHECK_FALSE(first.contains("changes"));
    CHECK_FALSE(first.contains("partitions"));

    database.as_admin(
        "ALTER TABLE faults.parts MODIFY note VARCHAR(40) NULL, ADD INDEX by_note (note(10)), ADD price "
        "DECIMAL(10,2) NOT NULL DEFAULT 1.50");
    const auto second =
        bench.call(mysql::describe_tool(bench.work()), {{"table", "parts"}, {"snapshot", true}});

    INFO(json::serialize(second));
    const auto& changes = second.at("changes").as_array();
    REQUIRE(changes.size() == 3);
    CHECK(changes[0].at("change") == "altered");
    CHECK(changes[0].at("name") == "parts.note");
    CHECK_THAT(std::string(changes[0].at("now").as_string()), Catch::StartsWith("varchar(40) NULL"));
    CHECK(changes[1].at("name") == "parts.price");
    CHECK(changes[1].at("now") == "decimal(10,2) NOT NULL DEFAULT 1.50");
    CHECK(changes[2].at("name") == "parts.by_note");
    CHECK(changes[2].at("now") == "BTREE (note(10))");
    const auto all = bench.call(mysql::describe_tool(bench.work()), {{"snapshot", true}});
    CHECK_FALSE(all.contains("changes"));
    CHECK(bench.call(mysql::describe_tool(bench.work()), {{"snapshot", true}})
              .at("changes")
              .as_array()
              .empty());
}

TEST_CASE("the partitions of a table are told with their bounds and estimates") {
    auto& database = PrivateMariadb::get();
    database.as_admin(
        "CREATE OR REPLACE TABLE faults.by_year (id INT, at DATE) PARTITION BY RANGE (YEAR(at)) (PARTITION "
        "p25 "
        "VALUES LESS THAN (2026), PARTITION later VALUES LESS THAN MAXVALUE)");
    ToolBench bench;
    bench.add(sources::mysql::make_mysql_source(database.endpoint(database.port()), bench.limits));
    bench.confirm("SHOP");
    const auto answer = bench.call(mysql::describe_tool(bench.work()), {{"table", "by_year"}});
    const auto& partitions = answer.at("partitions").as_array();
    REQUIRE(partitions.size() == 2);
    CHECK(partitions[0].at("name") == "p25");
    CHECK(partitions[0].at("method") == "RANGE");
    CHECK(partitions[0].at("description") == "2026");
    CHECK(partitions[1].at("description") == "MAXVALUE");
}

TEST_CASE("a real server that was told to replicate is confirmed as a replica, and its lag is told") {
    auto& database = PrivateMariadb::get();
    database.as_admin("GRANT SLAVE MONITOR ON *.* TO 'reader'@'127.0.0.1'");
    database.as_admin("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='nobody'");
    ToolBench bench;
    bench.add(sources::mysql::make_mysql_source(database.endpoint(database.port()), bench.limits));
    bench.confirm("SHOP");

    const auto answer = bench.call(mysql::query_tool(bench.work()), {{"sql", "SELECT 1 AS one"}});

    database.as_admin("RESET SLAVE ALL");
    database.as_admin("REVOKE SLAVE MONITOR ON *.* FROM 'reader'@'127.0.0.1'");
    INFO(json::serialize(answer));
    CHECK(answer.at("snapshot").at("replica").at("unknown") == "replication does not run");
}
