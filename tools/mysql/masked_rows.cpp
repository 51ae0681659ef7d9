#include "tools/mysql/masked_rows.h"

#include "base/text.h"
#include "policy/sql_literals.h"
#include "policy/sql_private.h"
#include "tools/mysql/stored_functions.h"
#include "tools/mysql/table_facts.h"

namespace casefile::tools::mysql {
namespace {

using sources::mysql::Cell;
using sources::mysql::Column;

constexpr std::string_view number_types[] = {"TINYINT", "SMALLINT", "MEDIUMINT", "INT",      "BIGINT",
                                             "DECIMAL", "FLOAT",    "DOUBLE",    "BIT",      "YEAR",
                                             "DATE",    "DATETIME", "TIME",      "TIMESTAMP"};

/// No number and no time, whose digits are never looked into.
bool holds_text(const Column& column) {
    const auto word = std::string_view(column.type).substr(0, column.type.find_first_of(" ("));
    for (const auto type : number_types)
        if (word == type) return false;
    return true;
}

/// What comes of a masked column that is a blob is text: a token.
Column as_text(Column column) {
    column.type = "masked";
    column.binary = false;
    return column;
}

}  // namespace

Result<policy::MaskedResult> judge_masks(std::string_view sql, sources::mysql::MysqlSource& source,
                                         const Call& call) {
    if (auto done = refuse_stored_functions(sql, source, call); !done) return done.error();
    const auto names = policy::tables_of(sql);
    if (!names) return names.error();
    // Policy knows private tables by schema and name, and a statement need not name the connection's schema.
    const auto& schema = source.endpoint().database;
    for (const auto& name : *names)
        if (name.schema.empty() && policy::is_schema_of_server(schema))
            return denied("statement not allowed: the table " + shorten(printable(name.table), 64) +
                              " is named without its schema, and the connection's own is the server's " +
                              schema,
                          "write " + schema + "." + shorten(printable(name.table), 64) +
                              ", or read a schema of the application");
    const auto known = table_facts(*names, source, call);
    if (!known) return known.error();
    auto judged = policy::judge_masks(sql, call.bench.masks.rules(), *known);
    if (!judged.verdict.allowed) return denied(judged.verdict.reason, judged.verdict.hint);
    return std::move(judged.result);
}

Result<std::vector<std::string>> labels_of(const policy::MaskedResult& result,
                                           const std::vector<Column>& columns) {
    std::vector<std::string> labels(columns.size());
    if (result.columns.empty()) return labels;
    const auto label = [&](const std::string& name) {
        const auto found = result.columns.find(policy::compare_name(name));
        return found == result.columns.end() ? std::string() : found->second;
    };
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& column = columns[i];
        labels[i] = label(column.origin_column);
        if (labels[i].empty()) labels[i] = label(column.name);
        if (i >= result.items.size() || result.items[i].label.empty()) continue;
        labels[i] = result.items[i].label;
        if (policy::compare_name(column.origin_column) != result.items[i].column)
            return denied("the server says that the masked column " + printable(shorten(column.name, 64)) +
                              " is another one than the statement names",
                          "name base tables and their columns, without views and subqueries");
    }
    return labels;
}

Result<void> MaskedRows::columns(const std::vector<Column>& columns) {
    auto labels = labels_of(result_, columns);
    if (!labels) return labels.error();
    labels_ = *std::move(labels);
    auto shown = columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!labels_[i].empty()) shown[i] = as_text(columns[i]);
        if (!labels_[i].empty() || holds_text(columns[i])) looked_at_.push_back(i);
    }
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (policy::compare_name(columns[i].name) == "VARIABLE_NAME") setting_ = i;
    shown_.resize(columns.size());
    return next_.columns(shown);
}

Result<bool> MaskedRows::row(std::span<const Cell> cells) {
    bool changed = false;
    const bool secret = setting_ && policy::is_private_variable(upper(cells[*setting_].bytes));
    for (const auto i : looked_at_) {
        const auto& cell = cells[i];
        const bool hidden = secret && i != *setting_ && !cell.bytes.empty();
        if (cell.null) continue;
        auto shown = hidden               ? masks_.token("secret", cell.bytes)
                     : labels_[i].empty() ? masks_.payload_if_needed(cell.bytes)
                                          : std::optional(masks_.token(labels_[i], cell.bytes));
        if (!shown) continue;
        if (!changed) cells_.assign(cells.begin(), cells.end());
        changed = true;
        shown_[i] = *std::move(shown);
        cells_[i].bytes = shown_[i];
    }
    return changed ? next_.row(cells_) : next_.row(cells);
}

Error masked_error(const Masks& masks, std::string_view sql, Error error) {
    if (!policy::names_masked_column(sql, masks.rules())) return masks.error(std::move(error));
    error.message = masks.without_quoted(error.message);
    return masks.error(std::move(error));
}

}  // namespace casefile::tools::mysql
