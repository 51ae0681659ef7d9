#include "tools/mysql/schema_snapshot.h"

#include "base/text.h"
#include "policy/sql_statement.h"

namespace casefile::tools::mysql {
namespace {

/// Of tables, columns, index columns and key columns together.
constexpr std::size_t lines_max = 300'000;

using Texts = std::vector<std::string>;

/// Hands over each row as texts; NULL is empty.
class EachRow : public sources::mysql::RowSink {
  public:
    EachRow(SchemaSnapshot& into, std::function<void(const Texts&)> take)
        : into_(into), take_(std::move(take)) {}

    Result<void> columns(const std::vector<sources::mysql::Column>& columns) override {
        row_.resize(columns.size());
        return {};
    }
    Result<bool> row(std::span<const sources::mysql::Cell> cells) override {
        if (into_.lines == lines_max) {
            into_.cut = true;
            return false;
        }
        ++into_.lines;
        for (std::size_t i = 0; i < cells.size(); ++i)
            row_[i] = is_utf8(cells[i].bytes) ? std::string(cells[i].bytes) : printable(cells[i].bytes);
        take_(row_);
        return true;
    }

  private:
    SchemaSnapshot& into_;
    std::function<void(const Texts&)> take_;
    Texts row_;
};

/// Parts that are there, with a space between.
std::string line_of(const Texts& parts) {
    std::string out;
    for (const auto& part : parts) {
        if (part.empty()) continue;
        if (!out.empty()) out += ' ';
        out += part;
    }
    return out;
}

/// Adds a column to "UNIQUE BTREE (a" or begins it; close_lists() ends them.
void add_to_list(std::string& list, const std::string& begin, const std::string& column) {
    list += list.empty() ? begin + "(" + column : ", " + column;
}

void compare_parts(const std::string& table, const char* kind,
                   const std::map<std::string, std::string>& before,
                   const std::map<std::string, std::string>& now, std::vector<json::object>& out) {
    const auto tell = [&](const char* change, const std::string& name, json::value then, json::value today) {
        out.push_back({{"change", change},
                       {"kind", kind},
                       {"name", table + "." + name},
                       {"before", std::move(then)},
                       {"now", std::move(today)}});
    };
    for (const auto& [name, then] : before) {
        const auto found = now.find(name);
        if (found == now.end())
            tell("dropped", name, json::value(then), nullptr);
        else if (found->second != then)
            tell("altered", name, json::value(then), json::value(found->second));
    }
    for (const auto& [name, today] : now)
        if (!before.contains(name)) tell("added", name, nullptr, json::value(today));
}

json::object write_map(const std::map<std::string, std::string>& map) {
    json::object out;
    for (const auto& [name, text] : map) out[name] = text;
    return out;
}

std::map<std::string, std::string> read_map(const json::object& from, std::string_view name) {
    std::map<std::string, std::string> out;
    const auto* map = member(from, name);
    if (map == nullptr || !map->is_object()) return out;
    for (const auto& pair : map->get_object())
        if (pair.value().is_string()) out[pair.key()] = pair.value().get_string();
    return out;
}

}  // namespace

Result<std::vector<std::string>> snapshot_sql(const std::optional<TableName>& table) {
    std::vector<std::string> out;
    for (const auto& [select, rest] : {
             std::pair(
                 "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, CREATE_OPTIONS, TABLE_COMMENT FROM "
                 "information_schema.TABLES",
                 "ORDER BY TABLE_NAME"),
             std::pair(
                 "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IF(IS_NULLABLE = 'YES', 'NULL', 'NOT NULL'), "
                 "COLUMN_DEFAULT, EXTRA, COLLATION_NAME, COLUMN_COMMENT FROM information_schema.COLUMNS",
                 "ORDER BY TABLE_NAME, ORDINAL_POSITION"),
             std::pair(
                 "SELECT TABLE_NAME, INDEX_NAME, IF(NON_UNIQUE = 0, 'UNIQUE', ''), INDEX_TYPE, COLUMN_NAME, "
                 "SUB_PART FROM information_schema.STATISTICS",
                 "ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"),
             std::pair(
                 "SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, "
                 "REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE",
                 "AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY TABLE_NAME, CONSTRAINT_NAME, "
                 "ORDINAL_POSITION"),
         }) {
        json::array params;
        const auto schema = schema_in(table ? table->schema : std::nullopt, params);
        auto where = " WHERE TABLE_SCHEMA = " + schema + " ";
        if (table && !table->table.empty()) {
            where += "AND TABLE_NAME = ? ";
            params.emplace_back(table->table);
        }
        auto sql = policy::bind_parameters(select + where + rest, params);
        if (!sql) return sql.error();
        out.push_back(*std::move(sql));
    }
    return out;
}

ShownDefault shown_defaults(const Masks& masks) {
    return [&masks](std::string_view table, std::string_view column, const std::string& value) {
        const auto label = masks.rules().of_column(column, table);
        return value == "NULL" ? value : label.empty() ? masks.payload(value) : masks.token(label, value);
    };
}

Result<SchemaSnapshot> read_snapshot(const std::vector<std::string>& sql, sources::mysql::MysqlSource& source,
                                     const ShownDefault& shown, const sources::Control& control) {
    SchemaSnapshot out;
    std::map<std::string, std::string> referenced;  // by key, the columns behind the arrow
    const std::function<void(const Texts&)> takers[] = {
        [&](const Texts& row) {
            out.tables[row[0]].options = line_of({row[1], row[2], row[3], row[4], row[5]});
        },
        [&](const Texts& row) {
            out.tables[row[0]].columns[row[1]] =
                line_of({row[2], row[3], row[4].empty() ? "" : "DEFAULT " + shown(row[0], row[1], row[4]),
                         row[5], row[6], row[7]});
        },
        [&](const Texts& row) {
            const auto column = row[4].empty() ? std::string("(expression)") : row[4];
            add_to_list(out.tables[row[0]].indexes[row[1]], line_of({row[2], row[3]}) + " ",
                        row[5].empty() ? column : column + "(" + row[5] + ")");
        },
        [&](const Texts& row) {
            add_to_list(out.tables[row[0]].foreign_keys[row[1]], "", row[2]);
            add_to_list(referenced[row[0] + "\n" + row[1]], row[3] + "." + row[4] + " ", row[5]);
        }};
    for (std::size_t i = 0; i < std::size(takers); ++i) {
        EachRow sink(out, takers[i]);
        if (const auto end = source.query(sql[i], sink, control); !end) return end.error();
    }
    for (auto& [name, table] : out.tables) {
        for (auto& [index, text] : table.indexes) text += ')';
        for (auto& [key, text] : table.foreign_keys) text += ") -> " + referenced[name + "\n" + key] + ")";
    }
    return out;
}

json::object write_snapshot(const SchemaSnapshot& snapshot) {
    json::object tables;
    for (const auto& [name, table] : snapshot.tables)
        tables[name] = {{"options", table.options},
                        {"columns", write_map(table.columns)},
                        {"indexes", write_map(table.indexes)},
                        {"foreign_keys", write_map(table.foreign_keys)}};
    return tables;
}

SchemaSnapshot read_written_snapshot(const json::object& tables) {
    SchemaSnapshot out;
    for (const auto& pair : tables) {
        const auto* table = pair.value().if_object();
        if (table == nullptr) continue;
        out.tables[pair.key()] = {string_or(*table, "options"), read_map(*table, "columns"),
                                  read_map(*table, "indexes"), read_map(*table, "foreign_keys")};
    }
    return out;
}

std::vector<json::object> changes_between(const SchemaSnapshot& before, const SchemaSnapshot& now) {
    std::vector<json::object> out;
    const auto tell = [&](const char* change, const std::string& name, json::value then, json::value today) {
        out.push_back({{"change", change},
                       {"kind", "table"},
                       {"name", name},
                       {"before", std::move(then)},
                       {"now", std::move(today)}});
    };
    const auto told = [](const TableShape& table) {
        return json::value(table.options + ", " + std::to_string(table.columns.size()) + " columns");
    };
    for (const auto& [name, then] : before.tables) {
        const auto found = now.tables.find(name);
        if (found == now.tables.end()) {
            tell("dropped", name, told(then), nullptr);
            continue;
        }
        const auto& today = found->second;
        if (then.options != today.options)
            tell("altered", name, json::value(then.options), json::value(today.options));
        compare_parts(name, "column", then.columns, today.columns, out);
        compare_parts(name, "index", then.indexes, today.indexes, out);
        compare_parts(name, "foreign key", then.foreign_keys, today.foreign_keys, out);
    }
    for (const auto& [name, today] : now.tables)
        if (!before.tables.contains(name)) tell("added", name, nullptr, told(today));
    return out;
}

}  // namespace casefile::tools::mysql
