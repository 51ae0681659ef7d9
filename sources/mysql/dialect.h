#pragma once
// Where MariaDB and MySQL differ, as far as casefile has to know. MySQL 8 could not be had when this was
// written: its half follows the manual and is untested.

#include <chrono>
#include <string>
#include <string_view>

namespace casefile::sources::mysql {

enum class Dialect { mariadb, mysql };
Dialect dialect_of(std::string_view server_version);
const char* product_name(Dialect dialect);

/// Pins what later statements rely on: quoting rules, time zone, read only, and how long one may take.
std::string session_statement(Dialect dialect, std::chrono::milliseconds statement_time_max);

/// What a session is asked before each query, in its transaction: the time, and in one text all that policy
/// relies on, which then has to be session_state_expected. The lexer reads statements as this sql_mode and
/// these character sets have the server read them.
std::string session_check(Dialect dialect);
inline constexpr const char* session_state_expected =
    "1 REPEATABLE-READ +00:00 STRICT_TRANS_TABLES utf8mb4 utf8mb4";

/// Asks for the plan of a query as a table with a column `filtered`, without running the query.
std::string explain_statement(Dialect dialect, std::string_view query);

}  // namespace casefile::sources::mysql
