#include "policy/sql_shape.h"

#include <algorithm>

#include "base/text.h"
#include "policy/sql_literals.h"
#include "policy/sql_scan.h"
#include "policy/sql_words.h"
#include "policy/word_list.h"

namespace casefile::policy {
namespace {

using Kind = SqlToken::Kind;

constexpr WordList set_words = "UNION EXCEPT INTERSECT MINUS";
/// What ends a FROM clause.
constexpr WordList clauses = "WHERE GROUP HAVING ORDER LIMIT FETCH WINDOW PROCEDURE INTO";
/// After a table's name: none of these is its alias.
constexpr WordList no_alias =
    "JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL STRAIGHT_JOIN ON USING USE FORCE IGNORE PARTITION FOR AS "
    "WHERE "
    "GROUP HAVING ORDER LIMIT FETCH WINDOW UNION EXCEPT INTERSECT MINUS TABLESAMPLE";

class ShapeReader {
  public:
    explicit ShapeReader(SqlTokens tokens) : tokens_(tokens) {}

    std::optional<SqlShape> read(bool is_query) {
        if (!match_brackets()) return std::nullopt;
        if (is_query) read_query({0, tokens_.size()}, {.outermost = true});
        for (std::size_t i = 0; i < tokens_.size() && !lost_; ++i)
            if (is_symbol(i, '(') && !read_.contains(i) && begins_query(i + 1))
                read_query({i + 1, match_[i]}, {.bracket = i});
        if (lost_) return std::nullopt;
        return std::move(shape_);
    }

  private:
    bool is_symbol(std::size_t i, char symbol) const {
        return i < tokens_.size() && tokens_[i].is_symbol(symbol);
    }
    bool is_word(std::size_t i, std::string_view word) const {
        return i < tokens_.size() && tokens_[i].is_word(word);
    }
    bool is_one_of(std::size_t i, WordList words) const {
        return i < tokens_.size() && tokens_[i].kind == Kind::word && !tokens_[i].after_dot &&
               lists(words, tokens_[i].name);
    }
    bool is_name(std::size_t i) const { return i < tokens_.size() && tokens_[i].is_name(); }
    bool begins_query(std::size_t i) const {
        return is_word(i, "SELECT") || is_word(i, "WITH") || (is_word(i, "TABLE") && is_name(i + 1));
    }

    bool match_brackets();
    /// The place after the token at `i`, or after the bracket that opens there.
    std::size_t after(std::size_t i) const { return is_symbol(i, '(') ? match_[i] + 1 : i + 1; }
    template <class Test>
    std::size_t find(SqlRange range, Test test) const {
        auto i = range.begin;
        while (i < range.end && !test(i)) i = after(i);
        return std::min(i, range.end);
    }
    std::vector<SqlRange> parts(SqlRange range) const;

    void read_query(SqlRange range, SqlSelect select);
    void read_part(SqlRange range, SqlSelect select);
    std::size_t read_with(SqlRange range);
    void read_select(SqlRange range, SqlSelect select);
    void read_sorting(SqlRange range, SqlSelect& select) const;
    void read_from(SqlRange range, SqlSelect& select);
    std::size_t read_factor(std::size_t i, SqlRange range, SqlSelect& select);
    bool holds_query(std::size_t bracket) const;
    std::size_t read_bracket(std::size_t i, SqlSelect& select);
    std::size_t read_table(std::size_t i, SqlSelect& select);
    std::size_t read_alias(std::size_t i, std::string* alias);
    std::size_t skip_index_hint(std::size_t i);

    SqlTokens tokens_;
    std::vector<std::size_t> match_;
    std::set<std::size_t> read_;  ///< brackets whose queries were read
    SqlShape shape_;
    bool lost_ = false;
};

/// Also braces. False where they do not match or are too deep: not everybody asks judge_sql() before.
bool ShapeReader::match_brackets() {
    match_.assign(tokens_.size(), 0);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        if (is_symbol(i, '(') || is_symbol(i, '{')) {
            if (open.size() == sql_depth_max) return false;
            open.push_back(i);
        }
        const bool brace = is_symbol(i, '}');
        if (!brace && !is_symbol(i, ')')) continue;
        if (open.empty() || is_symbol(open.back(), '{') != brace) return false;
        match_[open.back()] = i;
        open.pop_back();
    }
    return open.empty();
}

/// What commas separate, outside of brackets.
std::vector<SqlRange> ShapeReader::parts(SqlRange range) const {
    std::vector<SqlRange> out;
    while (!range.is_empty()) {
        const auto comma = find(range, [&](std::size_t i) { return is_symbol(i, ','); });
        out.push_back({range.begin, comma});
        range.begin = comma + 1;
    }
    return out;
}

void ShapeReader::read_query(SqlRange range, SqlSelect select) {
    if (select.bracket != SqlSelect::no_bracket) read_.insert(select.bracket);
    // A loop, as UNION may combine thousands.
    while (!lost_) {
        if (is_word(range.begin, "WITH")) range.begin = read_with(range);
        const auto set_word = find(range, [&](std::size_t i) { return is_one_of(i, set_words); });
        if (set_word >= range.end) return read_part(range, std::move(select));
        // What sorts them all is kept once, with the last: a copy in each of them would fill the memory.
        select.in_set = true;
        read_part({range.begin, set_word},
                  {.bracket = select.bracket, .outermost = select.outermost, .in_set = true});
        range.begin = set_word + 1;
        if (is_word(range.begin, "ALL") || is_word(range.begin, "DISTINCT")) ++range.begin;
    }
}

/// A query without WITH that combines no others.
void ShapeReader::read_part(SqlRange range, SqlSelect select) {
    if (range.is_empty()) {
        lost_ = true;
    } else if (is_symbol(range.begin, '(')) {
        const auto close = match_[range.begin];
        auto inner = select;
        inner.bracket = range.begin;
        // ORDER BY behind the bracket sorts what is in it.
        read_sorting({close + 1, range.end}, inner);
        read_query({range.begin + 1, close}, std::move(inner));
    } else if (is_word(range.begin, "SELECT")) {
        read_select(range, std::move(select));
    } else if (is_word(range.begin, "TABLE") && is_name(range.begin + 1)) {
        select.whole_table = true;
        read_sorting(range, select);
        read_table(range.begin + 1, select);
        shape_.selects.push_back(std::move(select));
    } else if (!is_word(range.begin, "VALUES") && !is_one_of(range.begin, "ORDER LIMIT")) {
        lost_ = true;
    }
}

/// Where the main query begins. The bodies are found as every other query in brackets is.
std::size_t ShapeReader::read_with(SqlRange range) {
    auto i = range.begin + (is_word(range.begin + 1, "RECURSIVE") ? 2 : 1);
    while (i < range.end) {
        if (is_name(i)) shape_.table_words.insert(i);
        i = find({i, range.end}, [&](std::size_t at) { return is_word(at, "AS") && is_symbol(at + 1, '('); });
        i = i + 1 < range.end ? match_[i + 1] + 1 : range.end;
        if (is_word(i, "CYCLE"))
            i = find({i, range.end}, [&](std::size_t at) { return is_word(at, "RESTRICT"); }) + 1;
        if (!is_symbol(i, ',')) break;
        ++i;
    }
    return std::min(i, range.end);
}

void ShapeReader::read_select(SqlRange range, SqlSelect select) {
    auto begin = range.begin + 1;
    while (begin < range.end &&
           (tokens_[begin].kind == Kind::hint ||
            (tokens_[begin].kind == Kind::word && is_select_option(tokens_[begin].name))))
        ++begin;
    const auto from = find({begin, range.end}, [&](std::size_t i) {
        return is_word(i, "FROM") || (is_one_of(i, clauses) && !is_word(i, "WINDOW"));
    });
    select.items = parts({begin, from});
    if (is_word(from, "FROM") && from < range.end) {
        const auto end = find({from + 1, range.end}, [&](std::size_t i) {
            // WINDOW is a word that a table may be called.
            return is_one_of(i, clauses) &&
                   (!is_word(i, "WINDOW") || (is_name(i + 1) && is_word(i + 2, "AS")));
        });
        read_from({from + 1, end}, select);
    }
    read_sorting({from, range.end}, select);
    shape_.selects.push_back(std::move(select));
}

void ShapeReader::read_sorting(SqlRange range, SqlSelect& select) const {
    for (auto i = range.begin; i < range.end; i = after(i)) {
        if (!is_one_of(i, "ORDER GROUP") || !is_word(i + 1, "BY")) continue;
        const auto end = find({i + 2, range.end}, [&](std::size_t at) {
            return is_one_of(at, "HAVING ORDER GROUP LIMIT FETCH WINDOW") ||
                   (is_word(at, "WITH") && is_word(at + 1, "ROLLUP"));
        });
        for (const auto& part : parts({i + 2, end})) select.sorted_by.push_back(part);
    }
}

void ShapeReader::read_from(SqlRange range, SqlSelect& select) {
    bool expects_factor = true;
    for (auto i = range.begin; i < range.end && !lost_;) {
        if (expects_factor) {
            i = read_factor(i, range, select);
            expects_factor = false;
        } else if (is_symbol(i, ',') || is_word(i, "JOIN") || is_word(i, "STRAIGHT_JOIN")) {
            ++i;
            expects_factor = !is_one_of(i, "USE FORCE IGNORE");
        } else if (is_one_of(i, "USE FORCE IGNORE")) {
            i = skip_index_hint(i);
        } else {
            if (is_word(i, "NATURAL")) select.natural = true;
            i = after(i);
        }
    }
    if (expects_factor) lost_ = true;
}

/// A table, a subquery, a table function, or a join in brackets.
std::size_t ShapeReader::read_factor(std::size_t i, SqlRange range, SqlSelect& select) {
    if (is_word(i, "LATERAL") && is_symbol(i + 1, '(')) ++i;
    if (is_symbol(i, '(')) return read_bracket(i, select);
    if (is_symbol(i, '{')) {
        const auto close = std::min(match_[i], range.end);
        read_from({i + 2, close}, select);
        return close + 1;
    }
    if (!is_name(i) && !is_word(i, "DUAL")) {
        lost_ = true;
        return range.end;
    }
    if (is_symbol(i + 1, '(') && !is_one_of(i, "PARTITION")) {
        select.reads_derived = true;
        return read_alias(match_[i + 1] + 1, nullptr);
    }
    return read_table(i, select);
}

/// The query may stand in brackets of its own, with more behind them: `((SELECT 1) UNION SELECT 2)`.
bool ShapeReader::holds_query(std::size_t bracket) const {
    for (auto open = bracket;; ++open) {
        if (begins_query(open + 1) || is_word(open + 1, "VALUES")) return true;
        if (!is_symbol(open + 1, '(')) return false;
        const auto next = match_[open + 1] + 1;
        if (next != match_[open] && !is_one_of(next, set_words) && !is_one_of(next, "ORDER LIMIT"))
            return false;
    }
}

std::size_t ShapeReader::read_bracket(std::size_t i, SqlSelect& select) {
    const auto close = match_[i];
    if (!holds_query(i)) {
        read_from({i + 1, close}, select);
        return close + 1;
    }
    select.reads_derived = true;
    return read_alias(close + 1, nullptr);
}

std::size_t ShapeReader::read_table(std::size_t i, SqlSelect& select) {
    SqlTable table;
    shape_.table_words.insert(i);
    if (is_symbol(i + 1, '.') && is_name(i + 2)) {
        table.schema = written_name(tokens_[i]);
        i += 2;
        shape_.table_words.insert(i);
    }
    table.name = table.alias = written_name(tokens_[i]);
    ++i;
    if (is_word(i, "PARTITION") && is_symbol(i + 1, '(')) i = match_[i + 1] + 1;
    if (is_word(i, "FOR") && is_word(i + 1, "SYSTEM_TIME")) {
        i += 2;
        if (is_word(i, "AS") && is_word(i + 1, "OF")) i += 2;
        i = find({i, tokens_.size()}, [&](std::size_t at) {
            return is_symbol(at, ',') || is_symbol(at, ')') || is_one_of(at, no_alias);
        });
    }
    i = read_alias(i, &table.alias);
    while (is_one_of(i, "USE FORCE IGNORE")) i = skip_index_hint(i);
    select.tables.push_back(std::move(table));
    return i;
}

std::size_t ShapeReader::read_alias(std::size_t i, std::string* alias) {
    if (is_word(i, "AS"))
        ++i;
    else if (!is_name(i) || is_one_of(i, no_alias) || is_one_of(i, clauses))
        return i;
    if (!is_name(i)) return i;
    shape_.table_words.insert(i);
    if (alias != nullptr) *alias = written_name(tokens_[i]);
    return i + 1;
}

/// USE INDEX FOR ORDER BY (a, b): names of indexes, which are often those of columns.
std::size_t ShapeReader::skip_index_hint(std::size_t i) {
    ++i;
    if (!is_one_of(i, "INDEX KEY")) return i;
    while (i < tokens_.size() && !is_symbol(i, '(')) ++i;
    if (i >= tokens_.size()) return i;
    for (auto at = i; at < match_[i]; ++at) shape_.table_words.insert(at);
    return match_[i] + 1;
}

}  // namespace

std::optional<SqlShape> shape_of(SqlTokens tokens) { return ShapeReader(tokens).read(true); }
std::optional<SqlShape> shape_of_subqueries(SqlTokens tokens) { return ShapeReader(tokens).read(false); }

}  // namespace casefile::policy
