#pragma once
// Which table stands behind which cache keys? Worked out from what the tools read: the members of a cached
// value are held against the columns of each table, and the parts of a key against the table's primary key.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/demo/conversation.h"

namespace casefile::app {

struct Table {
    std::string name, key;  ///< `key`: the one column of its primary key, empty when it has several
    std::vector<std::string> columns;
};

/// One kind of cache key, with a sample.
struct KeyKind {
    std::string pattern, example;
    std::int64_t keys = 0;
    std::string read;                  ///< the command that reads its value: GET or HGETALL
    std::vector<std::string> members;  ///< of the sample's value
};

struct Pair {
    Table table;
    KeyKind kind;
    std::string key_template;         ///< "product:{id}"
    std::vector<std::string> fields;  ///< that both sides have, without the key
    std::string sample_id;
};

/// The columns of every table of the database, by query_mysql on information_schema.
Result<std::vector<Table>> read_tables(Conversation& talk);

/// The kinds of keys with the members of a sample each, by scan_redis and read_redis.
Result<std::vector<KeyKind>> read_key_kinds(Conversation& talk);

/// The pair that shares most fields and whose sample key holds an id of the table; none when nothing fits.
Result<std::optional<Pair>> find_pair(Conversation& talk, const std::vector<Table>& tables,
                                      const std::vector<KeyKind>& kinds);

}  // namespace casefile::app
