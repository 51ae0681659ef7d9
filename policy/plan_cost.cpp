#include "policy/plan_cost.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.h"
#include "policy/sql_lexer.h"
#include "policy/word_list.h"

namespace casefile::policy {
namespace {

constexpr WordList reads_all_rows =
    "WHERE GROUP HAVING ORDER DISTINCT DISTINCTROW UNION INTERSECT EXCEPT JOIN STRAIGHT_JOIN OVER WINDOW "
    "SQL_CALC_FOUND_ROWS PROCEDURE EXISTS";
constexpr WordList conditions = "WHERE ON HAVING AND OR XOR NOT WHEN";
constexpr WordList comparisons = "IN BETWEEN LIKE IS REGEXP RLIKE";
/// Words that may stand where a column could, before one of the comparisons.
constexpr WordList no_columns = "NOT AND OR XOR WHERE ON HAVING WHEN THEN ELSE END CASE SELECT EXISTS NULL";

/// By column name, in any case of letters.
class Row {
  public:
    Row(const std::vector<std::string>& columns, const std::vector<std::optional<std::string>>& cells) {
        for (std::size_t i = 0; i < columns.size() && i < cells.size(); ++i)
            cells_[upper(columns[i])] = cells[i].value_or("");
    }
    std::string text(const char* name) const {
        const auto found = cells_.find(name);
        return found == cells_.end() ? std::string() : found->second;
    }
    double number(const char* name, double otherwise) const {
        const auto cell = text(name);
        double out = otherwise;
        const auto* end = cell.data() + cell.size();
        return std::from_chars(cell.data(), end, out).ec == std::errc() ? out : otherwise;
    }

  private:
    std::map<std::string, std::string> cells_;
};

PlanStep step_of(const Row& row) {
    return {.table = row.text("TABLE"),
            .access = row.text("TYPE"),
            .key = row.text("KEY"),
            .offered = row.text("POSSIBLE_KEYS"),
            .rows = std::max(0.0, row.number("ROWS", 0)),
            .kept = std::clamp(row.number("FILTERED", 100) / 100, 0.0, 1.0)};
}

std::vector<SqlToken> tokens_of(std::string_view sql) {
    auto tokens = lex_sql(sql);
    return tokens ? *std::move(tokens) : std::vector<SqlToken>{};
}

bool is_any(const SqlToken& token, WordList words) {
    return token.kind == SqlToken::Kind::word && !token.after_dot && lists(words, token.name);
}

std::optional<std::uint64_t> number_of(const SqlToken& token) {
    std::uint64_t out = 0;
    if (token.kind != SqlToken::Kind::number) return std::nullopt;
    const auto* end = token.text.data() + token.text.size();
    const auto [at, failed] = std::from_chars(token.text.data(), end, out);
    return failed == std::errc() && at == end ? std::optional(out) : std::nullopt;
}

/// Columns that conditions compare, those compared for equality first: an index serves them in this order.
class ComparedColumns {
  public:
    ComparedColumns(SqlTokens tokens, std::string alias, bool alone)
        : tokens_(tokens), alias_(upper(std::move(alias))), alone_(alone) {
        bool in_conditions = false;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (is_any(tokens[i], conditions)) in_conditions = true;
            if (tokens[i].is_word("GROUP") || tokens[i].is_word("ORDER") || tokens[i].is_word("SELECT"))
                in_conditions = false;
            if (in_conditions) look_at(i);
        }
    }

    std::vector<std::string> names() const {
        auto out = equal_;
        for (const auto& name : others_)
            if (std::ranges::find(out, name) == out.end()) out.push_back(name);
        return out;
    }

  private:
    /// Is there a column of the table at `i`, and a comparison beside it?
    void look_at(std::size_t i) {
        const auto& token = tokens_[i];
        if (!token.is_name() || (token.kind == SqlToken::Kind::word && lists(no_columns, token.name))) return;
        const auto is = [&](std::size_t at, char symbol) {
            return at < tokens_.size() && tokens_[at].is_symbol(symbol);
        };
        const bool qualified = i >= 2 && is(i - 1, '.');
        if (qualified ? tokens_[i - 2].name != alias_ : !alone_ || is(i + 1, '.') || is(i + 1, '(')) return;
        const auto first = qualified ? i - 2 : i;
        auto after = i + 1;
        if (after < tokens_.size() && tokens_[after].is_word("NOT")) ++after;
        const bool word = after < tokens_.size() && is_any(tokens_[after], comparisons);
        const bool equals = is(after, '=') || (first >= 1 && is(first - 1, '=')) ||
                            (word && (tokens_[after].is_word("IN") || tokens_[after].is_word("IS")));
        const bool ranges = word || is(after, '<') || is(after, '>') || is(after, '!') ||
                            (first >= 1 && (is(first - 1, '<') || is(first - 1, '>')));
        if (!equals && !ranges) return;
        auto& names = equals ? equal_ : others_;
        const auto name = lower(token.name);
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }

    SqlTokens tokens_;
    std::string alias_;
    bool alone_;
    std::vector<std::string> equal_, others_;
};

}  // namespace

PlanCost cost_of_plan(const std::vector<std::string>& columns, const PlanCells& rows) {
    PlanCost cost;
    std::string select;
    double within = 1;        // rows that lead to the next table of this SELECT
    double of_outermost = 1;  // rows of the SELECT that the plan begins with
    bool outermost = true;
    for (const auto& cells : rows) {
        const Row row(columns, cells);
        if (row.text("ID") != select) {
            if (!select.empty()) outermost = false;
            select = row.text("ID");
            within = row.text("SELECT_TYPE").starts_with("DEPENDENT") ? std::max(1.0, of_outermost) : 1;
        }
        auto step = step_of(row);
        step.times = within;
        within *= step.rows * step.kept;
        if (outermost) of_outermost = within;
        cost.rows_read += step.rows_read();
        if (!step.table.empty()) cost.steps.push_back(std::move(step));
    }
    return cost;
}

bool is_worth_explaining(std::string_view sql) {
    const auto tokens = tokens_of(sql);
    if (tokens.empty()) return false;
    for (const auto* other : {"SHOW", "EXPLAIN", "DESCRIBE", "DESC"})
        if (tokens.front().is_word(other)) return false;
    return std::ranges::any_of(tokens, [](const SqlToken& token) {
        return token.is_word("FROM") || token.is_word("TABLE") || token.is_word("JOIN");
    });
}

bool stops_at_first_rows(std::string_view sql) {
    const auto tokens = tokens_of(sql);
    if (tokens.empty() || !(tokens.front().is_word("SELECT") || tokens.front().is_word("TABLE")))
        return false;
    // A bracket may hold a function over all rows, or another SELECT; a comma after FROM names a second
    // table.
    bool after_from = false;
    for (const auto& token : tokens) {
        if (is_any(token, reads_all_rows) || token.is_symbol('(')) return false;
        if (token.is_word("FROM")) after_from = true;
        if (token.is_word("LIMIT")) break;
        if (after_from && token.is_symbol(',')) return false;
    }
    return true;
}

std::optional<std::uint64_t> rows_limited_to(std::string_view sql) {
    auto tokens = tokens_of(sql);
    if (!tokens.empty() && tokens.back().is_symbol(';')) tokens.pop_back();
    const auto count = tokens.size();
    if (count >= 2 && tokens[count - 2].is_word("LIMIT")) return number_of(tokens[count - 1]);
    if (count < 4 || !tokens[count - 4].is_word("LIMIT")) return std::nullopt;
    if (!tokens[count - 2].is_symbol(',') && !tokens[count - 2].is_word("OFFSET")) return std::nullopt;
    const auto first = number_of(tokens[count - 3]), second = number_of(tokens[count - 1]);
    return first && second ? std::optional(*first + *second) : std::nullopt;
}

const PlanStep* heaviest(const PlanCost& cost) {
    const auto found =
        std::ranges::max_element(cost.steps, {}, [](const PlanStep& step) { return step.rows_read(); });
    return found == cost.steps.end() ? nullptr : &*found;
}

std::string index_advice(std::string_view sql, const PlanCost& cost) {
    const auto* step = heaviest(cost);
    if (step == nullptr) return "a condition on an indexed column would help";
    const auto tokens = tokens_of(sql);
    const auto columns = ComparedColumns(tokens, step->table, cost.steps.size() == 1).names();
    const auto table = printable(shorten(step->table, 64));
    if (columns.empty() && step->table.starts_with('<'))
        return "a condition within the derived table, on an indexed column, would help";
    if (columns.empty())
        return "no condition names a bare column of " + table +
               "; one on an indexed column, or a smaller question, would help";
    const auto index = table + " (" + printable(shorten(join(columns, ", "), 200)) + ")";
    if (!step->key.empty())
        return "index " + printable(shorten(step->key, 64)) + " of " + table +
               " is used and leaves this many; a narrower condition, or an index on " + index +
               ", would help";
    if (!step->offered.empty())
        return "index " + printable(shorten(step->offered, 100)) + " of " + table +
               " exists, yet the server finds a full scan cheaper; a narrower condition would help";
    return "an index on " + index + " would help";
}

}  // namespace casefile::policy
