#include "policy/sql_functions.h"

#include "policy/word_list.h"

namespace casefile::policy {
namespace {

constexpr std::string_view comparison[] = {
    "ANY_VALUE", "COALESCE", "DECODE_ORACLE", "DEFAULT", "GREATEST", "IF", "IFNULL", "INTERVAL", "ISNULL",
    "LEAST", "NULLIF", "NVL", "NVL2", "STRCMP",
};
static_assert(is_word_list(comparison));

constexpr std::string_view casts[] = {
    "BINARY", "CAST", "CHAR", "CONVERT", "DATE", "NCHAR", "TIME", "TIMESTAMP", "YEAR",
};
static_assert(is_word_list(casts));

constexpr std::string_view aggregates[] = {
    "AVG", "BIT_AND", "BIT_OR", "BIT_XOR", "COUNT", "GROUPING", "GROUP_CONCAT", "JSON_ARRAYAGG",
    "JSON_OBJECTAGG", "MAX", "MEDIAN", "MIN", "PERCENTILE_CONT", "PERCENTILE_DISC", "STD", "STDDEV",
    "STDDEV_POP", "STDDEV_SAMP", "ST_COLLECT", "SUM", "VARIANCE", "VAR_POP", "VAR_SAMP",
};
static_assert(is_word_list(aggregates));

constexpr std::string_view windows[] = {
    "CUME_DIST", "DENSE_RANK", "FIRST_VALUE", "LAG", "LAST_VALUE", "LEAD", "NTH_VALUE", "NTILE",
    "PERCENT_RANK", "RANK", "ROW_NUMBER",
};
static_assert(is_word_list(windows));

constexpr std::string_view text[] = {
    "ASCII", "BIN", "BIT_LENGTH", "CHARACTER_LENGTH", "CHARSET", "CHAR_LENGTH", "CHR", "COERCIBILITY",
    "COLLATION", "CONCAT", "CONCAT_WS", "ELT", "EXPORT_SET", "EXTRACTVALUE", "FIELD", "FIND_IN_SET",
    "FORMAT", "FROM_BASE64", "HEX", "INSERT", "INSTR", "LCASE", "LEFT", "LENGTH", "LENGTHB", "LOCATE",
    "LOWER", "LPAD", "LTRIM", "MAKE_SET", "MATCH", "MID", "NATURAL_SORT_KEY", "OCT", "OCTET_LENGTH",
    "ORD", "POSITION", "QUOTE", "REGEXP_INSTR", "REGEXP_LIKE", "REGEXP_REPLACE", "REGEXP_SUBSTR",
    "REPEAT", "REPLACE", "REVERSE", "RIGHT", "RPAD", "RTRIM", "SFORMAT", "SOUNDEX", "SPACE", "SUBSTR",
    "SUBSTRING", "SUBSTRING_INDEX", "TO_BASE64", "TO_CHAR", "TRIM", "UCASE", "UNHEX", "UPDATEXML",
    "UPPER", "WEIGHT_STRING",
};
static_assert(is_word_list(text));

constexpr std::string_view numbers[] = {
    "ABS", "ACOS", "ASIN", "ATAN", "ATAN2", "BIT_COUNT", "CEIL", "CEILING", "CONV", "COS", "COT", "CRC32",
    "CRC32C", "DEGREES", "EXP", "FLOOR", "LN", "LOG", "LOG10", "LOG2", "MOD", "PI", "POW", "POWER",
    "RADIANS", "RAND", "ROUND", "SIGN", "SIN", "SQRT", "TAN", "TRUNCATE",
};
static_assert(is_word_list(numbers));

constexpr std::string_view dates[] = {
    "ADDDATE", "ADDTIME", "ADD_MONTHS", "CONVERT_TZ", "CURDATE", "CURRENT_DATE", "CURRENT_TIME",
    "CURRENT_TIMESTAMP", "CURTIME", "DATEDIFF", "DATE_ADD", "DATE_FORMAT", "DATE_SUB", "DAY", "DAYNAME",
    "DAYOFMONTH", "DAYOFWEEK", "DAYOFYEAR", "EXTRACT", "FROM_DAYS", "FROM_UNIXTIME", "GET_FORMAT", "HOUR",
    "LAST_DAY", "LOCALTIME", "LOCALTIMESTAMP", "MAKEDATE", "MAKETIME", "MICROSECOND", "MINUTE", "MONTH",
    "MONTHNAME", "NOW", "PERIOD_ADD", "PERIOD_DIFF", "QUARTER", "SECOND", "SEC_TO_TIME", "STR_TO_DATE",
    "SUBDATE", "SUBTIME", "SYSDATE", "TIMEDIFF", "TIMESTAMPADD", "TIMESTAMPDIFF", "TIME_FORMAT",
    "TIME_TO_SEC", "TO_DAYS", "TO_SECONDS", "UNIX_TIMESTAMP", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP",
    "WEEK", "WEEKDAY", "WEEKOFYEAR", "YEARWEEK",
};
static_assert(is_word_list(dates));

constexpr std::string_view json_documents[] = {
    "JSON_ARRAY", "JSON_ARRAY_APPEND", "JSON_ARRAY_INSERT", "JSON_ARRAY_INTERSECT", "JSON_COMPACT",
    "JSON_CONTAINS", "JSON_CONTAINS_PATH", "JSON_DEPTH", "JSON_DETAILED", "JSON_EQUALS", "JSON_EXISTS",
    "JSON_EXTRACT", "JSON_INSERT", "JSON_KEYS", "JSON_KEY_VALUE", "JSON_LENGTH", "JSON_LOOSE",
    "JSON_MERGE", "JSON_MERGE_PATCH", "JSON_MERGE_PRESERVE", "JSON_NORMALIZE", "JSON_OBJECT",
    "JSON_OBJECT_FILTER_KEYS", "JSON_OBJECT_TO_ARRAY", "JSON_OVERLAPS", "JSON_PRETTY", "JSON_QUERY",
    "JSON_QUOTE", "JSON_REMOVE", "JSON_REPLACE", "JSON_SCHEMA_VALID", "JSON_SCHEMA_VALIDATION_REPORT",
    "JSON_SEARCH", "JSON_SET", "JSON_STORAGE_FREE", "JSON_STORAGE_SIZE", "JSON_TABLE", "JSON_TYPE",
    "JSON_UNQUOTE", "JSON_VALID", "JSON_VALUE",
};
static_assert(is_word_list(json_documents));

constexpr std::string_view dynamic_columns[] = {
    "COLUMN_ADD", "COLUMN_CHECK", "COLUMN_CREATE", "COLUMN_DELETE", "COLUMN_EXISTS", "COLUMN_GET",
    "COLUMN_JSON", "COLUMN_LIST",
};
static_assert(is_word_list(dynamic_columns));

constexpr std::string_view identities[] = {
    "AES_DECRYPT", "AES_ENCRYPT", "BIN_TO_UUID", "COMPRESS", "INET6_ATON", "INET6_NTOA", "INET_ATON",
    "INET_NTOA", "IS_IPV4", "IS_IPV4_COMPAT", "IS_IPV4_MAPPED", "IS_IPV6", "IS_UUID", "MD5",
    "RANDOM_BYTES", "SHA", "SHA1", "SHA2", "STATEMENT_DIGEST", "STATEMENT_DIGEST_TEXT", "SYS_GUID",
    "UNCOMPRESS", "UNCOMPRESSED_LENGTH", "UUID", "UUID_SHORT", "UUID_TO_BIN",
};
static_assert(is_word_list(identities));

constexpr std::string_view server[] = {
    "CONNECTION_ID", "CURRENT_ROLE", "CURRENT_USER", "DATABASE", "DECODE_HISTOGRAM", "FORMAT_BYTES",
    "FORMAT_PICO_TIME", "GTID_SUBSET", "GTID_SUBTRACT", "ICU_VERSION", "IS_FREE_LOCK", "IS_USED_LOCK",
    "LAST_INSERT_ID", "PS_CURRENT_THREAD_ID", "PS_THREAD_ID", "SCHEMA", "SESSION_USER", "SYSTEM_USER",
    "USER", "VERSION", "WSREP_LAST_SEEN_GTID", "WSREP_LAST_WRITTEN_GTID",
};
static_assert(is_word_list(server));

constexpr std::string_view shapes[] = {
    "GEOMCOLLECTION", "GEOMETRYCOLLECTION", "LINESTRING", "MBRCONTAINS", "MBRCOVEREDBY", "MBRCOVERS",
    "MBRDISJOINT", "MBREQUAL", "MBREQUALS", "MBRINTERSECTS", "MBROVERLAPS", "MBRTOUCHES", "MBRWITHIN",
    "MULTILINESTRING", "MULTIPOINT", "MULTIPOLYGON", "POINT", "POLYGON", "ST_AREA", "ST_ASBINARY",
    "ST_ASGEOJSON", "ST_ASTEXT", "ST_ASWKB", "ST_ASWKT", "ST_BOUNDARY", "ST_BUFFER", "ST_BUFFER_STRATEGY",
    "ST_CENTROID", "ST_CONTAINS", "ST_CONVEXHULL", "ST_CROSSES", "ST_DIFFERENCE", "ST_DIMENSION",
    "ST_DISJOINT", "ST_DISTANCE", "ST_DISTANCE_SPHERE", "ST_ENDPOINT", "ST_ENVELOPE", "ST_EQUALS",
    "ST_EXTERIORRING", "ST_FRECHETDISTANCE", "ST_GEOHASH", "ST_GEOMCOLLFROMTEXT", "ST_GEOMCOLLFROMTXT",
    "ST_GEOMCOLLFROMWKB", "ST_GEOMETRYCOLLECTIONFROMTEXT", "ST_GEOMETRYCOLLECTIONFROMWKB",
    "ST_GEOMETRYFROMTEXT", "ST_GEOMETRYFROMWKB", "ST_GEOMETRYN", "ST_GEOMETRYTYPE", "ST_GEOMFROMGEOJSON",
    "ST_GEOMFROMTEXT", "ST_GEOMFROMWKB", "ST_HAUSDORFFDISTANCE", "ST_INTERIORRINGN", "ST_INTERSECTION",
    "ST_INTERSECTS", "ST_ISCLOSED", "ST_ISEMPTY", "ST_ISRING", "ST_ISSIMPLE", "ST_ISVALID",
    "ST_LATFROMGEOHASH", "ST_LATITUDE", "ST_LENGTH", "ST_LINEFROMTEXT", "ST_LINEFROMWKB",
    "ST_LINEINTERPOLATEPOINT", "ST_LINEINTERPOLATEPOINTS", "ST_LINESTRINGFROMTEXT",
    "ST_LINESTRINGFROMWKB", "ST_LONGFROMGEOHASH", "ST_LONGITUDE", "ST_MAKEENVELOPE", "ST_MLINEFROMTEXT",
    "ST_MLINEFROMWKB", "ST_MPOINTFROMTEXT", "ST_MPOINTFROMWKB", "ST_MPOLYFROMTEXT", "ST_MPOLYFROMWKB",
    "ST_MULTILINESTRINGFROMTEXT", "ST_MULTILINESTRINGFROMWKB", "ST_MULTIPOINTFROMTEXT",
    "ST_MULTIPOINTFROMWKB", "ST_MULTIPOLYGONFROMTEXT", "ST_MULTIPOLYGONFROMWKB", "ST_NUMGEOMETRIES",
    "ST_NUMINTERIORRING", "ST_NUMINTERIORRINGS", "ST_NUMPOINTS", "ST_OVERLAPS", "ST_POINTATDISTANCE",
    "ST_POINTFROMGEOHASH", "ST_POINTFROMTEXT", "ST_POINTFROMWKB", "ST_POINTN", "ST_POINTONSURFACE",
    "ST_POLYFROMTEXT", "ST_POLYFROMWKB", "ST_POLYGONFROMTEXT", "ST_POLYGONFROMWKB", "ST_RELATE",
    "ST_SIMPLIFY", "ST_SRID", "ST_STARTPOINT", "ST_SWAPXY", "ST_SYMDIFFERENCE", "ST_TOUCHES",
    "ST_TRANSFORM", "ST_UNION", "ST_VALIDATE", "ST_WITHIN", "ST_X", "ST_Y",
};
static_assert(is_word_list(shapes));

// The servers' grammars know these by the bracket that follows at once.
constexpr std::string_view close_bracket[] = {
    "ADDDATE", "ANY_VALUE", "BIN_TO_UUID", "BIT_AND", "BIT_OR", "BIT_XOR", "CAST", "COUNT", "CUME_DIST",
    "CURDATE", "CURTIME", "DATE_ADD", "DATE_SUB", "DENSE_RANK", "EXTRACT", "FIRST_VALUE", "FORMAT_BYTES",
    "FORMAT_PICO_TIME", "GEOMCOLLECTION", "GROUPING", "GROUP_CONCAT", "GTID_SUBSET", "GTID_SUBTRACT",
    "ICU_VERSION", "IS_UUID", "JSON_ARRAYAGG", "JSON_ARRAY_INTERSECT", "JSON_KEY_VALUE", "JSON_OBJECTAGG",
    "JSON_OBJECT_FILTER_KEYS", "JSON_OBJECT_TO_ARRAY", "JSON_SCHEMA_VALID",
    "JSON_SCHEMA_VALIDATION_REPORT", "JSON_STORAGE_FREE", "JSON_STORAGE_SIZE", "JSON_TABLE", "LAG",
    "LEAD", "MAX", "MBRCOVEREDBY", "MBRCOVERS", "MEDIAN", "MID", "MIN", "NOW", "NTH_VALUE", "NTILE",
    "PERCENTILE_CONT", "PERCENTILE_DISC", "PERCENT_RANK", "POINT", "POSITION", "PS_CURRENT_THREAD_ID",
    "PS_THREAD_ID", "RANK", "REGEXP_LIKE", "ROW_NUMBER", "SESSION_USER", "STATEMENT_DIGEST",
    "STATEMENT_DIGEST_TEXT", "STD", "STDDEV", "STDDEV_POP", "STDDEV_SAMP", "ST_BUFFER_STRATEGY",
    "ST_COLLECT", "ST_FRECHETDISTANCE", "ST_GEOHASH", "ST_GEOMCOLLFROMTXT", "ST_HAUSDORFFDISTANCE",
    "ST_ISVALID", "ST_LATFROMGEOHASH", "ST_LATITUDE", "ST_LINEINTERPOLATEPOINT",
    "ST_LINEINTERPOLATEPOINTS", "ST_LONGFROMGEOHASH", "ST_LONGITUDE", "ST_MAKEENVELOPE",
    "ST_NUMINTERIORRING", "ST_POINTATDISTANCE", "ST_POINTFROMGEOHASH", "ST_SIMPLIFY", "ST_SWAPXY",
    "ST_TRANSFORM", "ST_VALIDATE", "SUBDATE", "SUBSTR", "SUBSTRING", "SUM", "SYSDATE", "SYSTEM_USER",
    "TRIM", "UUID_TO_BIN", "VARIANCE", "VAR_POP", "VAR_SAMP",
};
static_assert(is_word_list(close_bracket));

constexpr WordList harmless[] = {
    comparison, casts, aggregates, windows, text, numbers, dates, json_documents,
    dynamic_columns, identities, server, shapes,
};

struct Refused {
    std::string_view name;
    FunctionRefusal why;
};

constexpr FunctionRefusal lock{"takes or releases locks", "ask IS_USED_LOCK(name) who holds a lock"};
constexpr FunctionRefusal wait{"makes the server wait", "ask again later instead, or read SHOW REPLICA STATUS"};
constexpr FunctionRefusal file{"reads files of the server", "read tables only"};
constexpr FunctionRefusal log{"reads the server's log files", "read SHOW MASTER STATUS or SHOW BINARY LOGS"};
constexpr FunctionRefusal sequence{"touches a sequence", "read the sequence as a table: SELECT * FROM its_name"};
constexpr FunctionRefusal previous{"tells of the statement before, which another call may have sent on this connection",
                                   "ask SELECT COUNT(*) with the same WHERE"};
constexpr FunctionRefusal secret{"makes or opens secrets with keys of the server", "compare SHA2(value, 256) instead"};
constexpr FunctionRefusal program{"runs programs on the server", "read tables only"};

constexpr Refused refused[] = {
    {"BENCHMARK", wait},
    {"BINLOG_GTID_POS", log},
    {"DES_DECRYPT", secret},
    {"DES_ENCRYPT", secret},
    {"ENCRYPT", secret},
    {"FOUND_ROWS", previous},
    {"GET_LOCK", lock},
    {"LASTVAL", sequence},
    {"LOAD_FILE", file},
    {"MASTER_GTID_WAIT", wait},
    {"MASTER_POS_WAIT", wait},
    {"NEXTVAL", sequence},
    {"OLD_PASSWORD", secret},
    {"PASSWORD", secret},
    {"RELEASE_ALL_LOCKS", lock},
    {"RELEASE_LOCK", lock},
    {"ROW_COUNT", previous},
    {"SETVAL", sequence},
    {"SLEEP", wait},
    {"SOURCE_POS_WAIT", wait},
    {"SYS_EVAL", program},
    {"SYS_EXEC", program},
    {"WAIT_FOR_EXECUTED_GTID_SET", wait},
    {"WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS", wait},
    {"WSREP_SYNC_WAIT_UPTO_GTID", wait},
};

}  // namespace

bool is_harmless_function(std::string_view name) {
    return std::ranges::any_of(harmless, [&](WordList list) { return lists(list, name); });
}

bool needs_its_bracket_close(std::string_view name) { return lists(close_bracket, name); }

FunctionRefusal why_refused(std::string_view name) {
    const auto found = std::ranges::find(refused, name, &Refused::name);
    return found == std::end(refused) ? FunctionRefusal{} : found->why;
}

}  // namespace casefile::policy
