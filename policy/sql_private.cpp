#include "policy/sql_private.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace casefile::policy {
namespace {

constexpr std::string_view hashes = "the schema mysql holds password hashes";
constexpr std::string_view statements = "this table shows what other sessions are asking, with their values";
constexpr std::string_view settings = "this table shows settings that can hold passwords";
constexpr std::string_view values = "this table shows the variables of other sessions";
constexpr std::string_view resets = "reading this table resets the server's counters";
constexpr std::string_view loads = "reading this table loads every plugin library of the server";
constexpr std::string_view locks = "reading this table locks the server's logs";
constexpr std::string_view rows =
    "this table shows values of rows that others lock, or that were indexed, unmasked";
constexpr std::string_view stalls = "reading this table walks the whole buffer pool and stalls the server";

constexpr std::string_view ask_user =
    "ask SELECT CURRENT_USER(), information_schema.USER_PRIVILEGES or SHOW STATUS instead";
constexpr std::string_view name_columns = "name the columns that you need, without *, and leave out ";
constexpr std::string_view ask_setting = "read a setting as @@name, and leave out of this table ";
constexpr std::string_view ask_status = "ask SHOW GLOBAL STATUS LIKE 'Threads%', or SHOW OPEN TABLES";

struct Entry {
    std::string_view schema;
    WordList tables;
    PrivateTable why;
};

constexpr auto entries = std::to_array<Entry>({
    {"INFORMATION_SCHEMA", "PROCESSLIST", {statements, name_columns, "INFO INFO_BINARY"}},
    {"INFORMATION_SCHEMA", "INNODB_TRX", {statements, name_columns, "TRX_QUERY"}},
    {"INFORMATION_SCHEMA", "GLOBAL_VARIABLES SESSION_VARIABLES", {settings, ask_setting, "VARIABLE_VALUE"}},
    {"INFORMATION_SCHEMA",
     "SYSTEM_VARIABLES",
     {settings, ask_setting, "DEFAULT_VALUE GLOBAL_VALUE SESSION_VALUE"}},
    {"INFORMATION_SCHEMA", "QUERY_CACHE_INFO", {statements, ask_status, {}}},
    {"INFORMATION_SCHEMA",
     "INNODB_CMPMEM_RESET INNODB_CMP_PER_INDEX_RESET INNODB_CMP_RESET",
     {resets, "read the table of that name without _RESET", {}}},
    {"INFORMATION_SCHEMA", "ALL_PLUGINS", {loads, "read information_schema.PLUGINS", {}}},
    {"INFORMATION_SCHEMA",
     "INNODB_BUFFER_PAGE INNODB_BUFFER_PAGE_LRU",
     {stalls, "read information_schema.INNODB_BUFFER_POOL_STATS", {}}},
    {"INFORMATION_SCHEMA", "INNODB_LOCKS", {rows, name_columns, "LOCK_DATA"}},
    {"INFORMATION_SCHEMA", "INNODB_FT_INDEX_CACHE INNODB_FT_INDEX_TABLE", {rows, name_columns, "WORD"}},
    {"PERFORMANCE_SCHEMA", "DATA_LOCKS", {rows, name_columns, "LOCK_DATA"}},
    {"PERFORMANCE_SCHEMA",
     "EVENTS_STATEMENTS_CURRENT EVENTS_STATEMENTS_HISTORY EVENTS_STATEMENTS_HISTORY_LONG",
     {statements, name_columns, "MESSAGE_TEXT SQL_TEXT"}},
    {"PERFORMANCE_SCHEMA",
     "EVENTS_STATEMENTS_SUMMARY_BY_DIGEST",
     {statements, name_columns, "QUERY_SAMPLE_TEXT"}},
    {"PERFORMANCE_SCHEMA",
     "GLOBAL_VARIABLES PERSISTED_VARIABLES SESSION_VARIABLES VARIABLES_BY_THREAD",
     {settings, ask_setting, "VARIABLE_VALUE"}},
    {"PERFORMANCE_SCHEMA", "PREPARED_STATEMENTS_INSTANCES", {statements, name_columns, "SQL_TEXT"}},
    {"PERFORMANCE_SCHEMA", "PROCESSLIST", {statements, name_columns, "INFO"}},
    {"PERFORMANCE_SCHEMA", "THREADS", {statements, name_columns, "PROCESSLIST_INFO"}},
    {"PERFORMANCE_SCHEMA", "USER_VARIABLES_BY_THREAD", {values, ask_status, {}}},
    {"PERFORMANCE_SCHEMA", "LOG_STATUS", {locks, "ask SHOW MASTER STATUS", {}}},
    {"SYS",
     "INNODB_BUFFER_STATS_BY_SCHEMA INNODB_BUFFER_STATS_BY_TABLE SCHEMA_TABLE_STATISTICS_WITH_BUFFER "
     "X$INNODB_BUFFER_STATS_BY_SCHEMA X$INNODB_BUFFER_STATS_BY_TABLE X$SCHEMA_TABLE_STATISTICS_WITH_BUFFER",
     {stalls, "read information_schema.INNODB_BUFFER_POOL_STATS", {}}},
    {"SYS",
     "INNODB_LOCK_WAITS PROCESSLIST SCHEMA_TABLE_LOCK_WAITS SESSION X$INNODB_LOCK_WAITS X$PROCESSLIST "
     "X$SCHEMA_TABLE_LOCK_WAITS X$SESSION",
     {statements, ask_status, {}}},
});

// Statistics of indexes, time zones and positions. Not COLUMN_STATS: it holds values of the columns.
constexpr WordList harmless_in_mysql =
    "ENGINE_COST GTID_EXECUTED GTID_SLAVE_POS INDEX_STATS INNODB_INDEX_STATS INNODB_TABLE_STATS SERVER_COST "
    "TABLE_STATS TIME_ZONE TIME_ZONE_LEAP_SECOND TIME_ZONE_NAME TIME_ZONE_TRANSITION "
    "TIME_ZONE_TRANSITION_TYPE";

constexpr WordList private_variables =
    "AUTHENTICATION_LDAP_SASL_BIND_ROOT_PWD AUTHENTICATION_LDAP_SIMPLE_BIND_ROOT_PWD "
    "FILE_KEY_MANAGEMENT_FILEKEY "
    "HASHICORP_KEY_MANAGEMENT_TOKEN INIT_CONNECT INIT_REPLICA INIT_SLAVE REPORT_PASSWORD "
    "WSREP_PROVIDER_OPTIONS WSREP_SST_AUTH";

// Upper-casing or lower-casing these by Unicode gives an ASCII letter.
constexpr auto letters = std::to_array<std::pair<std::string_view, char>>({
    {"\xC4\xB0", 'I'},      // İ
    {"\xC4\xB1", 'I'},      // ı
    {"\xC5\xBF", 'S'},      // ſ
    {"\xE2\x84\xAA", 'K'},  // the Kelvin sign
});

/// As LIKE matches: `_` is one character, `%` any number. Both in upper case.
bool is_like(std::string_view text, std::string_view pattern) {
    std::size_t at = 0, in = 0, after_any = std::string_view::npos, retry = 0;
    while (at < text.size()) {
        if (in < pattern.size() && (pattern[in] == '_' || pattern[in] == text[at])) {
            ++at;
            ++in;
        } else if (in < pattern.size() && pattern[in] == '%') {
            after_any = ++in;
            retry = at;
        } else if (after_any != std::string_view::npos) {
            in = after_any;
            at = ++retry;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('%', in) == std::string_view::npos;
}

}  // namespace

PrivateTable private_table(std::string_view schema, std::string_view table) {
    const auto folded_schema = fold_name(schema);
    const auto folded_table = fold_name(table);
    if (folded_schema == "MYSQL")
        return lists(harmless_in_mysql, folded_table) ? PrivateTable{} : PrivateTable{hashes, ask_user, {}};
    for (const auto& entry : entries)
        if (entry.schema == folded_schema && lists(entry.tables, folded_table)) return entry.why;
    return {};
}

bool is_schema_of_server(std::string_view schema) {
    return lists("INFORMATION_SCHEMA MYSQL PERFORMANCE_SCHEMA SYS", fold_name(upper(schema)));
}

bool is_private_variable(std::string_view name) { return lists(private_variables, fold_name(name)); }

bool may_mean_private_variable(std::string_view pattern) {
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_%";
    const auto sought = upper(pattern);
    // Escapes and other letters: what the server makes of them is not worth knowing.
    if (sought.find_first_not_of(plain) != std::string::npos) return true;
    const auto names = split(private_variables, ' ');
    return std::ranges::any_of(names, [&](const std::string& name) { return is_like(name, sought); });
}

std::string fold_name(std::string_view name) {
    std::string folded;
    while (!name.empty()) {
        std::size_t taken = 1;
        char letter = name.front();
        for (const auto& [written, ascii] : letters)
            if (name.starts_with(written)) {
                taken = written.size();
                letter = ascii;
            }
        folded += letter;
        name.remove_prefix(taken);
    }
    return folded;
}

}  // namespace casefile::policy
