#include "policy/sql_words.h"

#include "policy/word_list.h"

namespace casefile::policy {
namespace {

constexpr WordList writing =
    "ALTER ANALYZE CALL CHANGE CREATE DECLARE DELAYED DELETE DROP GRANT INFILE INSERT KILL LOAD "
    "OPTIMIZE OUTFILE PURGE RENAME REPLACE RESIGNAL REVOKE SIGNAL TRIGGER UNDO UNLOCK UPDATE";

constexpr WordList before_bracket =
    "ALL AND ANY AS BETWEEN BIGINT BINARY BIT BOTH BY CASE CHAR CHARACTER DATETIME DEC DECIMAL DISTINCT "
    "DISTINCTROW DIV DOUBLE ELSE EXCEPT EXISTS FLOAT FOR FROM GROUP HAVING IN INDEX INT INTEGER INTERSECT "
    "INTERVAL JOIN KEY LEADING LIKE MATCH MEDIUMINT NOT NUMERIC ON OR OVER PARTITION REGEXP RLIKE ROW SELECT "
    "SMALLINT SOME STRAIGHT_JOIN THEN TINYINT TRAILING UNION USING VALUES VARBINARY VARCHAR WHEN WHERE XOR";

constexpr WordList select_options =
    "ALL DISTINCT DISTINCTROW HIGH_PRIORITY SQL_BIG_RESULT SQL_BUFFER_RESULT SQL_CACHE SQL_CALC_FOUND_ROWS "
    "SQL_NO_CACHE SQL_SMALL_RESULT STRAIGHT_JOIN";

constexpr WordList types =
    "BLOB ENUM FIXED LONGBLOB LONGTEXT MEDIUMBLOB MEDIUMTEXT NVARCHAR REAL TEXT TINYBLOB TINYTEXT "
    "VARYING";

}  // namespace

bool is_writing_word(std::string_view word) { return lists(writing, word); }
bool is_word_before_bracket(std::string_view word) { return lists(before_bracket, word); }
bool is_type(std::string_view word) { return lists(types, word); }
bool is_select_option(std::string_view word) { return lists(select_options, word); }

}  // namespace casefile::policy
