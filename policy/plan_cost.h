#pragma once
// How much a statement would read, from the plan that the server's EXPLAIN tells as a table, and which index
// would make it less. An estimate of an estimate: it decides whether a human is asked, nothing else.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace casefile::policy {

using PlanCells = std::vector<std::vector<std::optional<std::string>>>;

/// One table as the plan reads it.
struct PlanStep {
    std::string table;    ///< its name or alias, as the plan has it
    std::string access;   ///< "ALL", "range", "ref" …
    std::string key;      ///< the index used; empty when none is
    std::string offered;  ///< indexes that could be used, joined with commas
    double rows = 0;      ///< read each time
    double times = 1;     ///< how often it is read
    double kept = 1;      ///< the part of its rows that its own conditions leave, 0..1

    double rows_read() const { return rows * times; }
};

struct PlanCost {
    std::vector<PlanStep> steps;
    double rows_read = 0;
};

/// `columns` and `rows` as EXPLAIN gave them. Tables of one SELECT are read within each other; a subquery
/// that depends on its surroundings is read once for each row of the outermost SELECT.
PlanCost cost_of_plan(const std::vector<std::string>& columns, const PlanCells& rows);

/// True when the statement reads a table at all, so that a plan can tell something. SHOW, DESCRIBE and
/// EXPLAIN do not.
bool is_worth_explaining(std::string_view sql);

/// True when the statement gives the first rows it meets and then ends: one table, no condition, no order, no
/// grouping, nothing computed over all rows. EXPLAIN tells the size of the table all the same.
bool stops_at_first_rows(std::string_view sql);

/// The rows that LIMIT lets through, offset included; nothing where there is no LIMIT of numbers at the end.
std::optional<std::uint64_t> rows_limited_to(std::string_view sql);

/// What would make the heaviest step lighter, for a human: "an index on orders (status, created_at)". Never
/// empty.
std::string index_advice(std::string_view sql, const PlanCost& cost);

/// The step that reads most; nullptr when there is none.
const PlanStep* heaviest(const PlanCost& cost);

}  // namespace casefile::policy
