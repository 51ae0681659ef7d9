#pragma once
// The shape of a query: its SELECTs, what stands in their select lists, and the tables that they name. No
// grammar of expressions: those are looked into token by token, by whoever needs to.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/sql_lexer.h"

namespace casefile::policy {

/// A piece of the tokens: from `begin` up to, not including, `end`.
struct SqlRange {
    std::size_t begin = 0, end = 0;
    bool is_empty() const { return begin >= end; }
};

struct SqlTable {
    std::string schema;  ///< as written; empty for that of the connection
    std::string name;
    std::string alias;  ///< or the name
};

struct SqlSelect {
    static constexpr std::size_t no_bracket = static_cast<std::size_t>(-1);

    std::size_t bracket = no_bracket;  ///< the one that opens it; none for the statement itself
    bool outermost = false;            ///< its rows are those of the statement
    bool in_set = false;               ///< one of those that UNION, EXCEPT or INTERSECT combine
    bool natural = false;              ///< holds a NATURAL JOIN
    bool whole_table = false;          ///< TABLE t: every column of it
    /// Reads a subquery, a WITH query or a table function besides the tables.
    bool reads_derived = false;
    std::vector<SqlRange> items;
    std::vector<SqlTable> tables;
    std::vector<SqlRange> sorted_by;  ///< what ORDER BY and GROUP BY name
};

struct SqlShape {
    std::vector<SqlSelect> selects;
    std::set<std::size_t> table_words;  ///< tokens that name tables, schemas, aliases of tables and indexes
};

/// `tokens` is one query, without EXPLAIN and without a semicolon, which judge_sql() allows. Nothing where
/// its shape cannot be told.
std::optional<SqlShape> shape_of(SqlTokens tokens);
/// The same of a statement that is no query itself.
std::optional<SqlShape> shape_of_subqueries(SqlTokens tokens);

}  // namespace casefile::policy
