// describe_mysql: the tables of a database with their sizes, page by page, or one table's columns, indexes,
// partitions and foreign keys; on request a snapshot of how the schema is made, and what changed since the
// case's snapshot before. Asks information_schema alone, so that no table is opened or counted.

#include "base/text.h"
#include "policy/sql_statement.h"
#include "tools/earlier_run.h"
#include "tools/mysql/schema_snapshot.h"
#include "tools/mysql/small_table.h"
#include "tools/mysql/table_name.h"
#include "tools/mysql/tools.h"

namespace casefile::tools::mysql {
namespace {

constexpr std::size_t lines_max = 5'000;  // of one list: tables, columns, indexes

struct Args {
    std::optional<std::string> table, like, after;
    bool snapshot = false;
};

struct Answer {
    std::optional<std::vector<json::object>> tables;
    std::optional<json::object> table;
    std::optional<std::vector<json::object>> columns, indexes, partitions, foreign_keys, referenced_by,
        changes;
    std::optional<std::string> compared_with, next;
    bool truncated = false;
    std::optional<std::string> reason;
    std::string told;  // for the summary
};

constexpr const char* table_columns =
    "SELECT TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, TABLE_ROWS AS rows_estimate, "
    "DATA_LENGTH + INDEX_LENGTH AS bytes, TABLE_COMMENT AS comment FROM information_schema.TABLES ";

Result<std::string> tables_sql(const Args& args) {
    std::string sql = std::string(table_columns) + "WHERE TABLE_SCHEMA = DATABASE()";
    json::array params;
    if (args.like) {
        sql += " AND TABLE_NAME LIKE ?";
        params.emplace_back(*args.like);
    }
    if (args.after) {
        sql += " AND TABLE_NAME > ?";
        params.emplace_back(*args.after);
    }
    // One more than is taken: if it comes, there is more.
    return policy::bind_parameters(sql + " ORDER BY TABLE_NAME LIMIT " + std::to_string(lines_max + 1),
                                   params);
}

/// The statements about one table, in the order in which they are asked.
struct TableSql {
    std::string table, columns, indexes, partitions, foreign_keys, referenced_by;
    std::vector<std::string> all() const {
        return {table, columns, indexes, partitions, foreign_keys, referenced_by};
    }
};

Result<TableSql> table_sql(const Args& args) {
    const auto name = name_in(*args.table);
    std::optional<Error> wrong;
    const auto about = [&](const std::string& select, const char* prefix,
                           const std::string& rest) -> std::string {
        json::array params;
        const auto schema = schema_in(name.schema, params);
        params.emplace_back(name.table);
        auto where = std::string("WHERE ") + prefix + "TABLE_SCHEMA = " + schema + " AND " + prefix +
                     "TABLE_NAME = ? ";
        if (args.like && rest.starts_with("ORDER BY ORDINAL_POSITION")) {
            where += "AND COLUMN_NAME LIKE ? ";
            params.emplace_back(*args.like);
        }
        auto sql = policy::bind_parameters(select + where + rest, params);
        if (sql) return *std::move(sql);
        wrong = sql.error();
        return {};
    };
    const std::string keys =
        "SELECT CONSTRAINT_NAME AS name, TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, COLUMN_NAME "
        "AS column_name, "
        "REFERENCED_TABLE_SCHEMA AS referenced_schema, REFERENCED_TABLE_NAME AS referenced_table, "
        "REFERENCED_COLUMN_NAME AS referenced_column FROM information_schema.KEY_COLUMN_USAGE ";
    const std::string by_place = "ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION";
    TableSql sql{
        .table = about(table_columns, "", ""),
        .columns = about(
            "SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS "
            "default_value, COLUMN_KEY AS key_kind, EXTRA AS extra, COLUMN_COMMENT AS comment FROM "
            "information_schema.COLUMNS ",
            "", "ORDER BY ORDINAL_POSITION"),
        .indexes = about(
            "SELECT INDEX_NAME AS name, NON_UNIQUE AS non_unique, COLUMN_NAME AS column_name, SUB_PART AS "
            "prefix, CARDINALITY AS cardinality, INDEX_TYPE AS type FROM information_schema.STATISTICS ",
            "", "ORDER BY INDEX_NAME, SEQ_IN_INDEX"),
        .partitions = about(
            "SELECT PARTITION_NAME AS name, SUBPARTITION_NAME AS subpartition, PARTITION_METHOD AS method, "
            "PARTITION_EXPRESSION AS expression, PARTITION_DESCRIPTION AS description, TABLE_ROWS AS "
            "rows_estimate, DATA_LENGTH + INDEX_LENGTH AS bytes FROM information_schema.PARTITIONS ",
            "",
            "AND PARTITION_NAME IS NOT NULL ORDER BY PARTITION_ORDINAL_POSITION, "
            "SUBPARTITION_ORDINAL_POSITION"),
        .foreign_keys = about(keys, "", "AND REFERENCED_TABLE_NAME IS NOT NULL " + by_place),
        .referenced_by = about(keys, "REFERENCED_", by_place)};
    if (wrong) return *wrong;
    return sql;
}

std::optional<TableName> snapshot_scope(const Args& args) {
    return args.table ? std::optional(name_in(*args.table)) : std::nullopt;
}

Result<std::vector<std::string>> statements(const Args& args) {
    std::vector<std::string> out;
    if (args.table) {
        auto sql = table_sql(args);
        if (!sql) return sql.error();
        out = sql->all();
    } else {
        auto sql = tables_sql(args);
        if (!sql) return sql.error();
        out.push_back(*std::move(sql));
    }
    if (!args.snapshot) return out;
    auto more = snapshot_sql(snapshot_scope(args));
    if (!more) return more.error();
    out.insert(out.end(), more->begin(), more->end());
    return out;
}

/// Asks one statement. Says in `answer` when there were more lines than are taken.
Result<std::vector<json::object>> ask(const std::string& sql, sources::mysql::MysqlSource& source, Call& call,
                                      Answer& answer) {
    SmallTable sink(lines_max);
    auto end = source.query(sql, sink, call.control());
    if (!end) return end.error();
    if (sink.more) {
        answer.truncated = true;
        answer.reason = "a list holds more than " + std::to_string(lines_max) + " lines; narrow it with like";
    }
    return std::move(sink.lines);
}

std::string text_in(const json::object& line, std::string_view name) { return string_or(line, name); }

/// Index rows, one a column, become one line an index.
std::vector<json::object> group_indexes(const std::vector<json::object>& rows) {
    std::vector<json::object> out;
    for (const auto& row : rows) {
        if (out.empty() || out.back().at("name") != row.at("name"))
            out.push_back({{"name", row.at("name")},
                           {"unique", text_in(row, "non_unique") == "0"},
                           {"type", row.at("type")},
                           {"columns", json::array{}}});
        auto column = text_in(row, "column_name");
        if (column.empty()) column = "(expression)";
        if (row.at("prefix").is_string()) column += "(" + text_in(row, "prefix") + ")";
        out.back()["columns"].as_array().emplace_back(column);
        out.back()["cardinality"] = row.at("cardinality");  // of the last column: of the whole index
    }
    return out;
}

/// Foreign-key rows, one a column, become one line a key: "shop.orders (customer_id)" refers to
/// "shop.customers (id)".
std::vector<json::object> group_keys(const std::vector<json::object>& rows) {
    struct Key {
        std::string name, from, to;
        std::vector<std::string> columns, referenced;
    };
    std::vector<Key> keys;
    for (const auto& row : rows) {
        const auto from = text_in(row, "table_schema") + "." + text_in(row, "table_name");
        if (keys.empty() || keys.back().name != text_in(row, "name") || keys.back().from != from)
            keys.push_back({text_in(row, "name"),
                            from,
                            text_in(row, "referenced_schema") + "." + text_in(row, "referenced_table"),
                            {},
                            {}});
        keys.back().columns.push_back(text_in(row, "column_name"));
        keys.back().referenced.push_back(text_in(row, "referenced_column"));
    }
    std::vector<json::object> out;
    for (const auto& key : keys)
        out.push_back({{"name", key.name},
                       {"from", key.from + " (" + join(key.columns, ", ") + ")"},
                       {"to", key.to + " (" + join(key.referenced, ", ") + ")"}});
    return out;
}

std::vector<json::object> tidy_columns(std::vector<json::object> rows) {
    std::vector<json::object> out;
    for (auto& row : rows) {
        json::object line{{"name", row["name"]},
                          {"type", row["type"]},
                          {"null", text_in(row, "nullable") == "YES"},
                          {"default", row["default_value"]}};
        for (const auto& [from, to] :
             {std::pair("key_kind", "key"), std::pair("extra", "extra"), std::pair("comment", "comment")})
            if (const auto text = text_in(row, from); !text.empty()) line[to] = text;
        out.push_back(std::move(line));
    }
    return out;
}

/// Without what a partition does not have.
std::vector<json::object> tidy_partitions(std::vector<json::object> rows) {
    for (auto& row : rows)
        for (const auto* name : {"subpartition", "expression", "description"})
            if (row[name].is_null()) row.erase(name);
    return rows;
}

Result<void> describe_table(const Args& args, sources::mysql::MysqlSource& source, Call& call,
                            Answer& answer) {
    auto sql = table_sql(args);
    if (!sql) return sql.error();
    auto tables = ask(sql->table, source, call, answer);
    if (!tables) return tables.error();
    if (tables->empty())
        return not_found(
            "table: there is no '" + printable(shorten(*args.table, 130)) +
                "', or the account may not see it",
            "describe_mysql without table lists those of the source's database; others as schema.table");
    answer.table = tables->front();
    const auto add = [&](const std::string& one, auto shape, auto& into) -> Result<void> {
        auto rows = ask(one, source, call, answer);
        if (!rows) return rows.error();
        into = shape(*std::move(rows));
        return {};
    };
    const auto tidy = [&](std::vector<json::object> rows) {
        for (auto& row : rows)
            if (auto& value = row["default_value"]; value.is_string())
                value = shown_defaults(call.bench.masks)(name_in(*args.table).table, text_in(row, "name"),
                                                         text_in(row, "default_value"));
        return tidy_columns(std::move(rows));
    };
    if (auto done = add(sql->columns, tidy, answer.columns); !done) return done.error();
    if (auto done = add(sql->indexes, group_indexes, answer.indexes); !done) return done.error();
    if (auto done = add(sql->partitions, tidy_partitions, answer.partitions); !done) return done.error();
    if (answer.partitions->empty()) answer.partitions.reset();
    if (auto done = add(sql->foreign_keys, group_keys, answer.foreign_keys); !done) return done.error();
    if (auto done = add(sql->referenced_by, group_keys, answer.referenced_by); !done) return done.error();
    answer.told = text_in(*answer.table, "name") + ": " + std::to_string(answer.columns->size()) +
                  " columns, " + std::to_string(answer.indexes->size()) + " indexes";
    return {};
}

Result<void> list_tables(const Args& args, sources::mysql::MysqlSource& source, Call& call, Answer& answer) {
    if (source.endpoint().database.empty())
        return invalid(source.endpoint().variable + " names no database, so there is none to list",
                       "pass table as schema.table; query_mysql with SHOW DATABASES tells the schemas");
    const auto sql = tables_sql(args);
    if (!sql) return sql.error();
    auto tables = ask(*sql, source, call, answer);
    if (!tables) return tables.error();
    answer.told = std::to_string(tables->size()) + (answer.truncated ? " tables and more" : " tables");
    answer.tables = *std::move(tables);
    return {};
}

/// Files how the schema is made now, and tells what differs from the snapshot of the same scope that the case
/// filed last.
Result<void> take_snapshot(const Args& args, sources::mysql::MysqlSource& source, Call& call,
                           Answer& answer) {
    const auto scope = args.table.value_or("");
    const auto sql = snapshot_sql(snapshot_scope(args));
    if (!sql) return sql.error();
    auto snapshot = read_snapshot(*sql, source, shown_defaults(call.bench.masks), call.control());
    if (!snapshot) return snapshot.error();
    if (snapshot->cut)
        return Error{ErrorKind::limit_reached, "the schema is too large for one snapshot",
                     "take snapshots of single tables: pass table"};
    const auto& endpoint = source.endpoint();
    const auto earlier =
        earlier_file(call, "describe_mysql", "schema_snapshot.", [&](const json::object& content) {
            return string_or(content, "database") == endpoint.database &&
                   string_or(content, "table") == scope;
        });
    if (earlier) {
        const auto& tables = earlier->content.at("tables");
        answer.changes = changes_between(
            read_written_snapshot(tables.is_object() ? tables.get_object() : json::object{}), *snapshot);
        answer.compared_with = "run " + earlier->run_id + " at " + earlier->opened_at;
        answer.told +=
            ", " + std::to_string(answer.changes->size()) + " changes since " + *answer.compared_with;
    } else {
        answer.compared_with = "nothing: this is the case's first snapshot of it";
    }
    json::object document{{"database", endpoint.database},
                          {"table", scope},
                          {"taken_at", rfc3339(call.bench.clock.now())},
                          {"tables", write_snapshot(*snapshot)}};
    if (earlier) {
        document["compared_with"] = *answer.compared_with;
        document["changes"] = json::array(answer.changes->begin(), answer.changes->end());
    }
    return call.run.write_output("schema_snapshot." + call.task() + ".json", "metadata", "json",
                                 json::serialize(document) + "\n");
}

/// Cuts the lists, the longest kind last, until the answer fits.
void show(Answer& answer, std::size_t left) {
    bool cut = false;
    const bool more_tables = answer.truncated;
    for (auto* list : {&answer.changes, &answer.tables, &answer.indexes, &answer.foreign_keys,
                       &answer.referenced_by, &answer.partitions, &answer.columns}) {
        if (!*list) continue;
        const bool shorter = keep_within(**list, left);
        cut = cut || shorter;
        if (list == &answer.tables && (shorter || more_tables))
            answer.next = text_in((*list)->back(), "name");
    }
    if (!cut) return;
    const std::string fewer =
        answer.next ? "the tables are shown in part: pass next as after for those that follow; the file has "
                      "more at once, and like narrows them"
                    : "the lists are shown in part; the file has them whole, and like narrows them";
    answer.reason = answer.reason ? *answer.reason + "; " + fewer : fewer;
    answer.truncated = true;
}

Schema<Answer> answer_schema() {
    return Schema<Answer>{}
        .field("tables", &Answer::tables, "{name, type, engine, rows_estimate, bytes, comment}")
        .field("next", &Answer::next, "")
        .field("table", &Answer::table, "The same of the one table.")
        .field("columns", &Answer::columns, "{name, type, null, default, key, extra, comment}")
        .field("indexes", &Answer::indexes, "{name, unique, type, columns, cardinality}")
        .field("partitions", &Answer::partitions, "")
        .field("foreign_keys", &Answer::foreign_keys, "{name, from, to}")
        .field("referenced_by", &Answer::referenced_by, "{name, from, to}")
        .field("changes", &Answer::changes, "{change, kind, name, before, now}")
        .field("compared_with", &Answer::compared_with, "")
        .field("truncated", &Answer::truncated, "")
        .field("reason", &Answer::reason, "");
}

Result<std::variant<Answer, mcp::NeedsInput>> describe(const Args& args, Call& call) {
    auto source = call.bench.sources.mysql(call.env);
    if (!source) return source.error();
    Answer answer;
    const auto done =
        args.table ? describe_table(args, **source, call, answer) : list_tables(args, **source, call, answer);
    if (!done) return done.error();
    if (args.snapshot)
        if (auto taken = take_snapshot(args, **source, call, answer); !taken) return taken.error();
    const auto document = json::serialize(call.bench.masks.answer(answer_schema().write(answer))) + "\n";
    if (auto filed = call.run.write_output("db_schema." + call.task() + ".json", "data", "json", document);
        !filed)
        return filed.error();
    show(answer, preview_bytes(call.bench.limits));
    return {std::move(answer)};
}

Result<Plan> plan(const Args& args, const Situation& situation) {
    auto sql = statements(args);
    if (!sql) return sql.error();
    policy::Intent intent{
        .action = policy::Intent::Action::read, .env = situation.env, .sources = {SourceKind::mysql}};
    for (const auto& one : *sql) intent.sql.push_back({one});
    return Plan{.intents = {std::move(intent)},
                .script = {"sql", join(*sql, ";\n") + ";\n"},
                .task = "describe",
                .time_max = std::chrono::seconds(situation.limits.query_seconds_max)};
}

}  // namespace

GuardedTool describe_tool(Workbench&) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "describe_mysql",
        .title = "Describe MySQL",
        .description = "Lists the database's tables with row estimates and sizes, or tells one table's "
                       "columns, indexes, partitions and foreign keys in both directions.",
        .input = Schema<Args>{}
                     .field("table", &Args::table, "A table, or schema.table.")
                     .length(1, 130)
                     .field("like", &Args::like, "SQL pattern for tables, or for the table's columns.")
                     .length(1, 130)
                     .field("after", &Args::after, "Tables after this one: next of the page before.")
                     .length(1, 130)
                     .field("snapshot", &Args::snapshot,
                            "Also file the schema, and tell what changed since the last one.")
                     .optional(),
        .output = answer_schema(),
        .plan = plan,
        .run = describe,
        .summary = [](const Answer& answer) { return answer.told; },
    });
}

}  // namespace casefile::tools::mysql
