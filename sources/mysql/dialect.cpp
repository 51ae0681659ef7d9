#include "sources/mysql/dialect.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::sources::mysql {

Dialect dialect_of(std::string_view server_version) {
    return lower(server_version).find("mariadb") != std::string::npos ? Dialect::mariadb : Dialect::mysql;
}

const char* product_name(Dialect dialect) { return dialect == Dialect::mariadb ? "MariaDB" : "MySQL"; }

std::string session_statement(Dialect dialect, std::chrono::milliseconds statement_time_max) {
    // Zero would mean "no limit".
    const auto millis = std::max<std::int64_t>(1, statement_time_max.count());
    // Without max_error_count a server could be set to forget the error that tells of a cut stream.
    const std::string common =
        "SET SESSION sql_mode='STRICT_TRANS_TABLES', time_zone='+00:00', max_error_count=64, ";
    if (dialect == Dialect::mysql)
        return common + "transaction_read_only=1, max_execution_time=" + std::to_string(millis);
    auto fraction = std::to_string(millis % 1000);
    fraction.insert(0, 3 - fraction.size(), '0');
    return common + "tx_read_only=1, max_statement_time=" + std::to_string(millis / 1000) + "." + fraction;
}

std::string session_check(Dialect dialect) {
    const std::string names = dialect == Dialect::mariadb
                                  ? "@@session.tx_read_only = 1, @@session.tx_isolation, "
                                  : "@@session.transaction_read_only = 1, @@session.transaction_isolation, ";
    return "SELECT UTC_TIMESTAMP(6), CONCAT_WS(' ', " + names +
           "@@session.time_zone, @@session.sql_mode, @@session.character_set_client, "
           "@@session.character_set_connection)";
}

std::string explain_statement(Dialect dialect, std::string_view query) {
    // MySQL tells `filtered` anyway, and a session variable of it could make the plan a tree.
    return std::string(dialect == Dialect::mariadb ? "EXPLAIN EXTENDED " : "EXPLAIN FORMAT=TRADITIONAL ") +
           std::string(query);
}

}  // namespace casefile::sources::mysql
