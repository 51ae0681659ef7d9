// Values and types come as the server printed them.

#include "tests/integration/sources/servers.h"

namespace casefile::sources::mysql {
namespace {

using namespace std::string_literals;

struct Value {
    const char* expression;  ///< of a column of this declaration
    const char* declaration;
    std::optional<std::string> text;
    const char* type;
    bool binary;
};

}  // namespace

TEST_CASE("each type arrives with exactly the bytes that the server prints") {
    const std::vector<Value> values = {
        {"18446744073709551615", "BIGINT UNSIGNED", "18446744073709551615", "BIGINT UNSIGNED", false},
        {"-9223372036854775808", "BIGINT", "-9223372036854775808", "BIGINT", false},
        {"12345678901234567890123456789012345.123456789012345678901234567890", "DECIMAL(65,30)",
         "12345678901234567890123456789012345.123456789012345678901234567890", "DECIMAL", false},
        {"'2026-11-22 14:02:03.100000'", "DATETIME(6)", "2026-11-22 14:02:03.100000", "DATETIME", false},
        {"'2026-11-22 14:02:03.000000'", "TIMESTAMP(6)", "2026-11-22 14:02:03.000000", "TIMESTAMP", false},
        {"'0000-00-00 00:00:00'", "DATETIME", "0000-00-00 00:00:00", "DATETIME", false},
        {"'-838:59:59.123'", "TIME(3)", "-838:59:59.123", "TIME", false},
        {"b'101'", "BIT(8)", "5", "BIT", false},
        {"X'00FF00'", "BLOB", "\0\xff\0"s, "BLOB", true},
        {"X'6100'", "VARBINARY(4)", "a\0"s, "VARBINARY", true},
        {"X'6100'", "BINARY(3)", "a\0\0"s, "BINARY", true},
        {"NULL", "VARCHAR(10)", std::nullopt, "VARCHAR", false},
        {"''", "VARCHAR(10)", "", "VARCHAR", false},
        {"'äö€😀'", "VARCHAR(10)", "äö€😀", "VARCHAR", false},
        {"'é'", "VARCHAR(10) CHARACTER SET latin1", "é", "VARCHAR", false},
        {"'x'", "VARCHAR(10) COLLATE utf8mb4_unicode_520_nopad_ci", "x", "VARCHAR", false},
        {"'long'", "LONGTEXT", "long", "TEXT", false},
        {"'{\"a\": 1.10}'", "JSON", "{\"a\": 1.10}", "TEXT", false},
        {"'b'", "ENUM('a','b')", "b", "ENUM", false},
        {"1.5", "DOUBLE", "1.5", "DOUBLE", false},
        {"7", "INT UNSIGNED", "7", "INT UNSIGNED", false},
    };
    const auto source = make_mysql_source(mariadb().endpoint(), {});

    for (const auto& value : values) {
        INFO(value.declaration << " " << value.expression);
        auto admin = mariadb().admin();
        admin.execute("SET SESSION sql_mode=''").value();
        admin.execute("CREATE OR REPLACE TABLE shop.one_value (v "s + value.declaration + " NULL)").value();
        admin.execute("INSERT INTO shop.one_value VALUES ("s + value.expression + ")").value();

        Collected got;
        const auto end = source->query("SELECT v FROM shop.one_value", got, within(10s));

        REQUIRE(end);
        REQUIRE(got.rows.size() == 1);
        CHECK(got.rows[0][0] == value.text);
        CHECK(got.names[0].type == value.type);
        CHECK(got.names[0].binary == value.binary);
        CHECK(got.names[0].name == "v");
    }
}

TEST_CASE("a query tells its snapshot's time, isolation and time zone, and that it is whole") {
    const auto source = make_mysql_source(mariadb().endpoint(), {});

    Collected got;
    const auto end = source->query("SELECT @@session.time_zone UNION ALL SELECT 'x'", got, within(10s));

    REQUIRE(end);
    CHECK(end->rows == 2);
    CHECK(end->complete);
    CHECK(end->isolation == "REPEATABLE READ, read only, consistent snapshot");
    CHECK(end->time_zone == "+00:00");
    CHECK(got.first() == "+00:00");
    const auto snapshot = parse_rfc3339(end->snapshot_at);
    REQUIRE(snapshot);
    CHECK(std::chrono::abs(*snapshot - SystemClock().now()) < 5s);
}

TEST_CASE("every query reads a snapshot of its own") {
    mariadb().as_admin("CREATE OR REPLACE TABLE shop.counter (n INT)");
    const auto source = make_mysql_source(mariadb().endpoint(), {});
    Collected before, after;
    REQUIRE(source->query("SELECT COUNT(*) FROM counter", before, within(10s)));

    mariadb().as_admin("INSERT INTO shop.counter VALUES (1)");
    REQUIRE(source->query("SELECT COUNT(*) FROM counter", after, within(10s)));

    CHECK(before.first() == "0");
    CHECK(after.first() == "1");
}

}  // namespace casefile::sources::mysql
