#pragma once
// How a schema is made, small enough to be kept whole and compared: one line of text for each table's
// options, each column, index and foreign key.

#include <functional>
#include <map>

#include "sources/mysql/source.h"
#include "tools/masking.h"
#include "tools/mysql/table_name.h"

namespace casefile::tools::mysql {

/// By name, what it is: "bigint(20) unsigned NOT NULL auto_increment", "UNIQUE BTREE (a, b(20))",
/// "(shop_id) -> read_tools.shops (id)".
struct TableShape {
    std::string options;
    std::map<std::string, std::string> columns, indexes, foreign_keys;
    bool operator==(const TableShape&) const = default;
};

struct SchemaSnapshot {
    std::map<std::string, TableShape> tables;
    std::size_t lines = 0;
    bool cut = false;  ///< there were more lines than are taken: it is not compared
};

/// The statements that read a snapshot of one table or of all; `table` without name is the whole schema.
Result<std::vector<std::string>> snapshot_sql(const std::optional<TableName>& table);

/// What a column's default may be shown as: it is a value like any other.
using ShownDefault =
    std::function<std::string(std::string_view table, std::string_view column, const std::string& value)>;

/// Through the masks, which have to outlive it.
ShownDefault shown_defaults(const Masks& masks);

/// Asks them.
Result<SchemaSnapshot> read_snapshot(const std::vector<std::string>& sql, sources::mysql::MysqlSource& source,
                                     const ShownDefault& shown, const sources::Control& control);

json::object write_snapshot(const SchemaSnapshot& snapshot);
SchemaSnapshot read_written_snapshot(const json::object& tables);

/// {change: added | dropped | altered, kind: table | column | index | foreign key, name, before, now}, by
/// table. An added or dropped table is one line.
std::vector<json::object> changes_between(const SchemaSnapshot& before, const SchemaSnapshot& now);

}  // namespace casefile::tools::mysql
