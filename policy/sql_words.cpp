#include "policy/sql_words.h"

#include "policy/word_list.h"

namespace casefile::policy {
namespace {

constexpr WordList writing =
    "ALTER ANALYZE CALL CHANGE CREATE DECLARE DELAYED DELETE DROP GRANT INFILE INSERT KILL LOAD "
    "OPTIMIZE OUTFILE PURGE RENAME REPLACE RESIGNAL REVOKE SIGNAL TRIGGER UNDO UNLOCK UPDATE";

constexpr WordList before_bracket =
    "ALL AND ANY AS BETWEEN BIGINT BINARY BIT BY CASE CHAR CHARACTER DATETIME DEC DECIMAL DISTINCT "
    "DISTINCTROW DIV DOUBLE ELSE EXCEPT EXISTS FLOAT FROM GROUP HAVING HIGH_PRIORITY IN INDEX INT "
    "INTEGER "
    "INTERSECT INTERVAL JOIN KEY LIKE MATCH MEDIUMINT NOT NUMERIC ON OR OVER PARTITION REGEXP RLIKE "
    "ROW SELECT SMALLINT SOME SQL_BIG_RESULT SQL_BUFFER_RESULT SQL_CALC_FOUND_ROWS SQL_NO_CACHE "
    "SQL_SMALL_RESULT STRAIGHT_JOIN THEN TINYINT UNION USING VALUES VARBINARY VARCHAR WHEN WHERE XOR";

constexpr WordList plan_hints =
    "BKA BNL DERIVED_CONDITION_PUSHDOWN GROUP_INDEX HASH_JOIN INDEX INDEX_MERGE JOIN_FIXED_ORDER "
    "JOIN_INDEX JOIN_ORDER JOIN_PREFIX JOIN_SUFFIX MERGE MRR NO_BKA NO_BNL "
    "NO_DERIVED_CONDITION_PUSHDOWN NO_GROUP_INDEX NO_HASH_JOIN NO_ICP NO_INDEX NO_INDEX_MERGE "
    "NO_JOIN_INDEX NO_MERGE NO_MRR NO_ORDER_INDEX NO_RANGE_OPTIMIZATION NO_SEMIJOIN NO_SKIP_SCAN "
    "ORDER_INDEX QB_NAME SEMIJOIN SKIP_SCAN SUBQUERY";

constexpr WordList private_information_schema = "INNODB_TRX PROCESSLIST";

constexpr WordList private_performance_schema =
    "EVENTS_STATEMENTS_CURRENT EVENTS_STATEMENTS_HISTORY EVENTS_STATEMENTS_HISTORY_LONG "
    "PREPARED_STATEMENTS_INSTANCES PROCESSLIST THREADS USER_VARIABLES_BY_THREAD";

constexpr WordList private_sys =
    "INNODB_LOCK_WAITS PROCESSLIST SCHEMA_TABLE_LOCK_WAITS SESSION X$INNODB_LOCK_WAITS X$PROCESSLIST "
    "X$SCHEMA_TABLE_LOCK_WAITS X$SESSION";

}  // namespace

bool is_writing_word(std::string_view word) { return lists(writing, word); }
bool is_word_before_bracket(std::string_view word) { return lists(before_bracket, word); }
bool is_plan_hint(std::string_view word) { return lists(plan_hints, word); }

std::string_view why_private(std::string_view schema, std::string_view table) {
    if (schema == "MYSQL") return "the schema mysql holds password hashes";
    const bool statements = (schema == "INFORMATION_SCHEMA" && lists(private_information_schema, table)) ||
                            (schema == "PERFORMANCE_SCHEMA" && lists(private_performance_schema, table)) ||
                            (schema == "SYS" && lists(private_sys, table));
    return statements ? "this table shows what other sessions are asking, with their values" : "";
}

}  // namespace casefile::policy
