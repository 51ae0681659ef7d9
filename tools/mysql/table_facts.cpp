#include "tools/mysql/table_facts.h"

#include <algorithm>

#include "base/text.h"
#include "policy/sql_literals.h"
#include "policy/sql_statement.h"
#include "policy/sql_views.h"

namespace casefile::tools::mysql {
namespace {

using policy::KnownTable;
using policy::TableName;

constexpr std::size_t tables_max = 60;
constexpr int views_within_views_max = 5;
constexpr std::size_t rows_max = 100'000;

/// What information_schema says of one table, before it is judged.
struct Facts {
    std::string type;                            ///< empty: there is none
    std::map<std::string, std::string> columns;  ///< name to the expression that computes it
    std::string definition;                      ///< of a view
};

Result<std::string> facts_sql(const std::vector<TableName>& names) {
    std::string sql;
    json::array params;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto about = [&](const char* what, const char* first, const char* second, const char* from) {
            if (!sql.empty()) sql += " UNION ALL ";
            sql += "SELECT " + std::to_string(i) + " AS number, '" + what + "' AS what, " + first +
                   " AS name, " + second + " AS text FROM information_schema." + from +
                   " WHERE TABLE_SCHEMA = ";
            if (names[i].schema.empty()) {
                sql += "DATABASE()";
            } else {
                sql += "?";
                params.emplace_back(names[i].schema);
            }
            sql += " AND TABLE_NAME = ?";
            params.emplace_back(names[i].table);
        };
        about("table", "TABLE_TYPE", "''", "TABLES");
        about("column", "COLUMN_NAME", "GENERATION_EXPRESSION", "COLUMNS");
        about("view", "''", "VIEW_DEFINITION", "VIEWS");
    }
    return policy::bind_parameters(sql, params);
}

class FactSink : public sources::mysql::RowSink {
  public:
    explicit FactSink(std::size_t tables) : facts(tables) {}
    Result<void> columns(const std::vector<sources::mysql::Column>&) override { return {}; }
    Result<bool> row(std::span<const sources::mysql::Cell> cells) override {
        const auto number = cells.size() == 4 ? std::stoul("0" + std::string(cells[0].bytes)) : facts.size();
        if (number >= facts.size() || ++rows_ > rows_max)
            return internal("the facts of a table cannot be read");
        auto& one = facts[number];
        const auto text = std::string(cells[3].bytes);
        if (cells[1].bytes == "table") one.type = cells[2].bytes;
        if (cells[1].bytes == "column") one.columns[std::string(cells[2].bytes)] = text;
        if (cells[1].bytes == "view") one.definition = text;
        return true;
    }
    std::vector<Facts> facts;

  private:
    std::size_t rows_ = 0;
};

/// Some word of it is called like a masked column.
bool computes_from(const std::string& expression, const std::map<std::string, std::string>& masked) {
    const auto tokens = policy::lex_sql(expression);
    if (!tokens) return true;
    return std::ranges::any_of(*tokens, [&](const auto& token) {
        return token.is_name() && masked.contains(policy::compare_name(token.name));
    });
}

KnownTable base_table(const TableName& name, const Facts& facts, const policy::MaskRules& rules) {
    KnownTable table{.name = name, .exists = !facts.type.empty()};
    for (const auto& [column, expression] : facts.columns)
        if (const auto label = rules.of_column(column, name.table); !label.empty())
            table.masked[policy::compare_name(column)] = label;
    // Computed columns may be computed from computed ones, and may have any name.
    const std::string computed(policy::computed_label);
    for (bool grew = true; grew;) {
        grew = false;
        for (const auto& [column, expression] : facts.columns) {
            const auto compared = policy::compare_name(column);
            const auto known = table.masked.find(compared);
            if (expression.empty() || (known != table.masked.end() && known->second == computed) ||
                !computes_from(expression, table.masked))
                continue;
            table.masked[compared] = computed;
            grew = true;
        }
    }
    return table;
}

class Asking {
  public:
    Asking(sources::mysql::MysqlSource& source, const Call& call) : source_(source), call_(call) {
        const auto& endpoint = source.endpoint();
        server_ = endpoint.variable + " " + endpoint.address() + " " + call.state.id;
        for (const auto& grant : call.state.grants)
            if (grant->env == endpoint.env) server_ += " " + std::to_string(grant->record);
    }

    Result<std::vector<KnownTable>> ask(const std::vector<TableName>& names, int depth) {
        if (names.size() > tables_max)
            return invalid("sql: expected at most " + std::to_string(tables_max) + " tables, got " +
                               std::to_string(names.size()),
                           "ask in several smaller statements");
        std::vector<TableName> unknown;
        std::map<TableName, KnownTable> found;
        for (const auto& name : names) {
            if (auto known = call_.bench.known_tables->find(server_, name, now()))
                found[name] = *std::move(known);
            else
                unknown.push_back(name);
        }
        if (!unknown.empty())
            if (auto done = learn(unknown, depth, found); !done) return done.error();
        std::vector<KnownTable> out;
        for (const auto& name : names) out.push_back(found[name]);
        return out;
    }

  private:
    static KnownTables::Time now() { return std::chrono::steady_clock::now(); }

    Result<void> learn(const std::vector<TableName>& names, int depth,
                       std::map<TableName, KnownTable>& found) {
        const auto sql = facts_sql(names);
        if (!sql) return sql.error();
        if (const auto verdict = policy::judge_sql(*sql); !verdict.allowed)
            return denied(verdict.reason, verdict.hint);
        FactSink sink(names.size());
        if (auto end = source_.query(*sql, sink, call_.control()); !end) return end.error();
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto table = base_table(names[i], sink.facts[i], call_.bench.masks.rules());
            if (sink.facts[i].type == "VIEW")
                if (auto done = judge_view(sink.facts[i].definition, depth, table); !done) return done;
            call_.bench.known_tables->keep(server_, table, now());
            found[names[i]] = std::move(table);
        }
        return {};
    }

    /// A view shows none of its columns masked: it is refused, or reaches none.
    Result<void> judge_view(const std::string& definition, int depth, KnownTable& table) {
        table.masked.clear();
        const auto name = "the view " + shorten(printable(table.name.table), 64) + " ";
        const auto refuse = [&](const std::string& why, const std::string& hint) {
            table.refused = name + why;
            table.hint = hint;
        };
        const std::string name_tables = "name the tables behind it, and leave out the masked columns";
        if (definition.empty()) {
            refuse("does not show its definition to this account, so that it may reach a masked column",
                   name_tables + "; or have GRANT SHOW VIEW given to the account");
            return {};
        }
        if (const auto why = policy::why_view_is_not_read(table.name.schema, definition); !why.empty()) {
            refuse(why, "read the tables behind it with a SELECT of your own");
            return {};
        }
        const auto names = policy::tables_of(definition);
        if (!names || depth >= views_within_views_max) {
            refuse("has a definition that casefile cannot follow", name_tables);
            return {};
        }
        auto behind = ask(*names, depth + 1);
        if (!behind) return behind.error();
        if (const auto why = policy::why_view_reaches(definition, *behind); !why.empty())
            refuse(why, name_tables);
        return {};
    }

    sources::mysql::MysqlSource& source_;
    const Call& call_;
    std::string server_;
};

}  // namespace

Result<std::vector<KnownTable>> table_facts(const std::vector<TableName>& names,
                                            sources::mysql::MysqlSource& source, const Call& call) {
    return Asking(source, call).ask(names, 0);
}

}  // namespace casefile::tools::mysql
