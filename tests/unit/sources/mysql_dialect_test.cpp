// What is sent in other words to MariaDB than to MySQL.

#include "sources/mysql/dialect.h"

#include "tests/support/catch.h"

namespace casefile::sources::mysql {
namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("the session is pinned in the words of its server, and no limit is never sent") {
    CHECK(
        session_statement(Dialect::mariadb, 1'050ms) ==
        "SET SESSION sql_mode='STRICT_TRANS_TABLES', time_zone='+00:00', max_error_count=64, tx_read_only=1, "
        "max_statement_time=1.050");
    CHECK(session_statement(Dialect::mysql, 1'050ms) ==
          "SET SESSION sql_mode='STRICT_TRANS_TABLES', time_zone='+00:00', max_error_count=64, "
          "transaction_read_only=1, max_execution_time=1050");
    CHECK(session_statement(Dialect::mariadb, 0ms).ends_with("max_statement_time=0.001"));
    CHECK(dialect_of("5.5.5-10.11.19-MariaDB") == Dialect::mariadb);
    CHECK(dialect_of("8.0.36") == Dialect::mysql);
}

TEST_CASE("a plan is asked for as a table with a column filtered") {
    CHECK(explain_statement(Dialect::mariadb, "SELECT 1") == "EXPLAIN EXTENDED SELECT 1");
    CHECK(explain_statement(Dialect::mysql, "SELECT 1") == "EXPLAIN FORMAT=TRADITIONAL SELECT 1");
}

}  // namespace casefile::sources::mysql
