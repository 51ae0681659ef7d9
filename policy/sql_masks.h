#pragma once
// May this statement reach masked columns the way it does? On top of judge_sql(): a value of a masked column
// may be shown as its token and compared for equality, and nothing else may be learned of it.
//
// A masked column may stand alone in the outermost select list of one SELECT from base tables, where the
// server tells which column each result is; and where only equality is asked: `= 'text'`, `= another masked
// column`, IN with texts, IN (SELECT a masked column), IS [NOT] NULL. Every other place is refused, as is
// what could carry it unseen: `*` within a subquery, NATURAL JOIN, set operations, views that reach it.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "policy/mask_rules.h"
#include "policy/verdict.h"

namespace casefile::policy {

struct TableName {
    std::string schema;  ///< empty for that of the connection
    std::string table;
    auto operator<=>(const TableName&) const = default;
};

/// What the server says of a table that a statement names.
struct KnownTable {
    TableName name;
    bool exists = true;  ///< false also for the name of a WITH query
    /// Masked columns, as compare_name() gives them, and how. Of a view none: it is refused or shows none.
    std::map<std::string, std::string> masked;
    std::string refused, hint;  ///< a view that reaches a masked column, or whose definition is hidden
};

/// A column that is computed from a masked one: a part of it, perhaps, so that not even equality may be
/// asked.
inline constexpr std::string_view computed_label = "computed";

/// A name as the server compares it: without case.
std::string compare_name(std::string_view name);

/// The tables that a statement reads, each once; none for SHOW and DESCRIBE. Nothing is known of them yet. An
/// error where the shape of the statement cannot be told.
Result<std::vector<TableName>> tables_of(std::string_view sql);

/// How the results of a statement that is allowed are masked.
struct MaskedResult {
    struct Item {
        std::string label;   ///< empty: not masked
        std::string column;  ///< the server has to say that this is where it comes from
    };
    std::vector<Item> items;  ///< by place, up to the first `*`
    /// The masked columns of the tables, and the aliases given to them, by compare_name().
    std::map<std::string, std::string> columns;

    /// Of the result's column of that name; empty where it is shown.
    std::string label_of(std::string_view name) const;
};

struct MaskVerdict {
    Verdict verdict;
    MaskedResult result;
};

/// `known` has to hold every one of tables_of(sql).
MaskVerdict judge_masks(std::string_view sql, const MaskRules& rules, const std::vector<KnownTable>& known);

}  // namespace casefile::policy
