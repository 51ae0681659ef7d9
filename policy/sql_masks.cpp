#include "policy/sql_masks.h"

#include <algorithm>

#include "base/text.h"
#include "policy/mask_operands.h"
#include "policy/sql_literals.h"
#include "policy/sql_paths.h"
#include "policy/sql_private.h"
#include "policy/sql_scan.h"
#include "policy/sql_shape.h"
#include "policy/word_list.h"

namespace casefile::policy {
namespace {

using Kind = SqlToken::Kind;

constexpr std::string_view how_to_ask =
    "select the column by its name in the outermost SELECT, which gives tokens that are equal where the "
    "values "
    "are, or compare it: = 'text', IN ('a', 'b'), IS NULL, or = with another masked column";

/// The tokens without EXPLAIN and its options, and without a semicolon.
struct Explained {
    std::vector<SqlToken> tokens;
    bool is_query = false, explained = false, has_format = false;

    SqlTokens query() const { return tokens; }
    /// SHOW … WHERE may hold subqueries.
    std::optional<SqlShape> shape() const {
        return is_query ? shape_of(tokens) : shape_of_subqueries(tokens);
    }
};

Result<Explained> lex_query(std::string_view sql) {
    auto lexed = lex_sql(sql);
    if (!lexed) return lexed.error();
    Explained out{*std::move(lexed)};
    auto& tokens = out.tokens;
    if (!tokens.empty() && tokens.back().is_symbol(';')) tokens.pop_back();
    std::size_t begin = 0;
    const auto is_word = [&](std::string_view word) {
        return begin < tokens.size() && tokens[begin].is_word(word);
    };
    if (is_word("EXPLAIN") || is_word("DESCRIBE") || is_word("DESC")) {
        out.explained = true;
        for (++begin; begin < tokens.size();) {
            if (is_word("EXTENDED") || is_word("PARTITIONS")) {
                out.has_format = out.has_format || is_word("EXTENDED");
                ++begin;
            } else if (is_word("FORMAT")) {
                out.has_format = begin + 2 >= tokens.size() ||
                                 !equals_ignoring_case(tokens[begin + 2].name, "TRADITIONAL");
                begin += 3;
            } else {
                break;
            }
        }
        begin = std::min(begin, tokens.size());
    }
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(begin));
    out.is_query = !tokens.empty() && (tokens[0].is_symbol('(') || tokens[0].is_word("SELECT") ||
                                       tokens[0].is_word("WITH") || tokens[0].is_word("TABLE"));
    return out;
}

Error unclear() {
    return denied("statement not allowed: casefile cannot tell which tables this statement reads",
                  "write it as plain SELECT … FROM tables, or in smaller statements");
}

bool holds(const MaskOperands::Columns& columns, const SqlToken& token) {
    return columns.contains(compare_name(token.name));
}

class Judge {
  public:
    Judge(SqlTokens tokens, const SqlShape& shape, const std::vector<KnownTable>& known)
        : tokens_(tokens), shape_(shape), known_(known) {
        for (const auto& table : known_) columns_.insert(table.masked.begin(), table.masked.end());
        operands_.emplace(tokens_, columns_);
    }

    MaskVerdict judge(bool has_format);

  private:
    Verdict judge_selects();
    Verdict judge_stars(const SqlSelect& select) const;
    Verdict judge_name(std::size_t i);
    Verdict judge_aliases() const;
    Verdict judge_sorting() const;
    bool names_something(const SqlRange& range) const;
    Verdict judge_other_letters() const;
    Verdict refuse(std::size_t i, const std::string& why) const;
    std::string place_of(std::size_t i) const;

    const KnownTable* find(const SqlTable& table) const;
    std::string masked_of(const SqlSelect& select, std::string_view qualifier) const;
    bool takes_masked(const SqlSelect& select) const;
    bool is_in_list(const SqlSelect& select) const;
    bool is_star(const SqlRange& item) const {
        return !item.is_empty() && tokens_[item.end - 1].is_symbol('*') &&
               (item.end - item.begin == 1 || tokens_[item.end - 2].is_symbol('.'));
    }
    /// The item that is this column alone, perhaps with an alias: where the alias stands, or the item's end.
    std::optional<std::size_t> bare_in(const SqlRange& item, SqlRange name) const;

    SqlTokens tokens_;
    const SqlShape& shape_;
    const std::vector<KnownTable>& known_;
    MaskOperands::Columns columns_;
    std::optional<MaskOperands> operands_;
    MaskedResult result_;
    std::map<std::string, std::size_t> aliases_;  ///< of masked items: where each is given
    std::vector<std::pair<const SqlSelect*, std::size_t>> masked_items_;
};

MaskVerdict Judge::judge(bool has_format) {
    for (const auto& table : known_)
        if (!table.refused.empty()) return {refuse_sql(table.refused, table.hint), {}};
    if (columns_.empty()) return {Verdict::yes(), {}};
    if (auto verdict = judge_other_letters(); !verdict.allowed) return {verdict, {}};
    result_.columns = columns_;
    if (auto verdict = judge_selects(); !verdict.allowed) return {verdict, {}};
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        const auto& token = tokens_[i];
        if (!token.is_name() || !holds(columns_, token) || shape_.table_words.contains(i)) continue;
        const auto next = i + 1 < tokens_.size() ? &tokens_[i + 1] : nullptr;
        if (next != nullptr && next->is_symbol('.')) continue;
        // Functions were judged; what is called like a column is none.
        if (next != nullptr && next->is_symbol('(') && token.kind == Kind::word && !token.after_dot) continue;
        if (has_format)
            return {refuse_sql("EXPLAIN in this format prints conditions, with values of the masked column " +
                                   shorten(printable(written_name(token)), 64),
                               "ask EXPLAIN without FORMAT and EXTENDED"),
                    {}};
        if (auto verdict = judge_name(i); !verdict.allowed) return {verdict, {}};
    }
    if (auto verdict = judge_aliases(); !verdict.allowed) return {verdict, {}};
    if (auto verdict = judge_sorting(); !verdict.allowed) return {verdict, {}};
    return {Verdict::yes(), std::move(result_)};
}

/// The server knows the upper case of every letter, and this comparison that of ASCII alone.
Verdict Judge::judge_other_letters() const {
    const auto is_other = [](std::string_view name) {
        return std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    };
    if (std::ranges::none_of(columns_, [&](const auto& one) { return is_other(one.first); }))
        return Verdict::yes();
    for (const auto& token : tokens_)
        if (token.is_name() && is_other(token.name) && !holds(columns_, token))
            return refuse_sql("a masked column of this table has letters beyond ASCII, and " +
                                  shorten(printable(written_name(token)), 64) +
                                  " may be another spelling of it",
                              "write the name of the masked column as the table does, and leave out other "
                              "names with such letters");
    return Verdict::yes();
}

const KnownTable* Judge::find(const SqlTable& table) const {
    for (const auto& one : known_)
        if (one.name.schema == table.schema && one.name.table == table.name) return &one;
    return nullptr;
}

/// The first masked column of the tables that `qualifier.*` means; of all where it is empty.
std::string Judge::masked_of(const SqlSelect& select, std::string_view qualifier) const {
    for (const auto& table : select.tables) {
        if (!qualifier.empty() && compare_name(table.alias) != qualifier) continue;
        const auto* known = find(table);
        if (known != nullptr && !known->masked.empty())
            return table.name + "." + known->masked.begin()->first;
    }
    return {};
}

/// May a masked column stand in this select list?
bool Judge::takes_masked(const SqlSelect& select) const {
    return select.outermost && !select.in_set && !select.reads_derived &&
           std::ranges::all_of(select.tables, [&](const SqlTable& table) {
               const auto* known = find(table);
               return known != nullptr && known->exists;
           });
}

Verdict Judge::judge_selects() {
    for (const auto& select : shape_.selects) {
        if (select.natural && !masked_of(select, {}).empty())
            return refuse_sql("NATURAL JOIN compares " + masked_of(select, {}) + " unseen, which is masked",
                              "write JOIN … ON with the columns that belong together");
        if (auto verdict = judge_stars(select); !verdict.allowed) return verdict;
        if (!select.outermost) continue;
        for (const auto& item : select.items) {
            if (is_star(item)) break;
            result_.items.emplace_back();
        }
    }
    return Verdict::yes();
}

Verdict Judge::judge_stars(const SqlSelect& select) const {
    const bool in_exists = select.bracket != SqlSelect::no_bracket && select.bracket > 0 &&
                           tokens_[select.bracket - 1].is_word("EXISTS");
    if (takes_masked(select) || in_exists) return Verdict::yes();
    const auto refuse_star = [&](const std::string& column) {
        return refuse_sql(
            "* would carry the masked column " + shorten(printable(column), 130) +
                (select.outermost ? " through a set operation or beside a subquery" : " out of a subquery"),
            "name the columns that you need, without the masked ones");
    };
    if (select.whole_table && !masked_of(select, {}).empty()) return refuse_star(masked_of(select, {}));
    for (const auto& item : select.items) {
        if (!is_star(item)) continue;
        const auto length = item.end - item.begin;
        const auto qualifier = length >= 3 ? compare_name(tokens_[item.end - 3].name) : std::string();
        if (const auto column = masked_of(select, qualifier); !column.empty()) return refuse_star(column);
    }
    return Verdict::yes();
}

std::optional<std::size_t> Judge::bare_in(const SqlRange& item, SqlRange name) const {
    if (item.begin != name.begin) return std::nullopt;
    const auto left = item.end - std::min(item.end, name.end);
    if (left == 0 && item.end == name.end) return item.end;
    if (left == 1 && tokens_[name.end].is_name()) return name.end;
    if (left == 2 && tokens_[name.end].is_word("AS") && tokens_[name.end + 1].is_name()) return name.end + 1;
    return std::nullopt;
}

/// `masked IN (SELECT …)`: asks for equality.
bool Judge::is_in_list(const SqlSelect& select) const {
    return select.bracket != SqlSelect::no_bracket && !select.in_set && select.items.size() == 1 &&
           operands_->is_left_of_in(select.bracket);
}

Verdict Judge::judge_name(std::size_t i) {
    if (const auto alias = aliases_.find(compare_name(tokens_[i].name));
        alias != aliases_.end() && alias->second == i)
        return Verdict::yes();
    const auto name = operands_->name_at(i);
    if (columns_.at(compare_name(tokens_[i].name)) == computed_label)
        return refuse(i, "is computed from a masked column, and may be a part of it");
    for (const auto& select : shape_.selects)
        for (std::size_t place = 0; place < select.items.size(); ++place) {
            const auto alias = bare_in(select.items[place], name);
            if (!alias) continue;
            if (is_in_list(select)) return Verdict::yes();
            if (!takes_masked(select))
                return refuse(i, !select.outermost ? "stands in the select list of a subquery"
                                 : select.in_set
                                     ? "stands in a set operation such as UNION"
                                     : "stands beside a subquery, a WITH query or a table function "
                                       "in FROM, where the server does not tell where it comes from");
            if (place < result_.items.size())
                result_.items[place] = {columns_.at(compare_name(tokens_[i].name)),
                                        compare_name(tokens_[i].name)};
            masked_items_.emplace_back(&select, place);
            if (*alias < select.items[place].end) {
                const auto called = compare_name(tokens_[*alias].name);
                aliases_[called] = *alias;
                result_.columns.emplace(called, columns_.at(compare_name(tokens_[i].name)));
            }
            return Verdict::yes();
        }
    const auto why = operands_->why_not(name);
    if (why.empty()) return Verdict::yes();
    return refuse(i, place_of(i).empty() ? why : place_of(i));
}

/// Where a name stands, where that says more than its neighbours do.
std::string Judge::place_of(std::size_t i) const {
    for (const auto& select : shape_.selects)
        for (const auto& range : select.sorted_by)
            if (i >= range.begin && i < range.end) return "orders or groups the rows, which tells its order";
    if (i > 0 && tokens_[i - 1].is_word("AS"))
        return "is the name of another value as well: an alias must not be called like it";
    const auto opener = operands_->function_around(i);
    if (opener == "USING") return "joins with USING, which hides whose value is shown: write ON a.x = b.x";
    if (!opener.empty()) return "is an argument of " + opener + "()";
    return {};
}

Verdict Judge::refuse(std::size_t i, const std::string& why) const {
    return refuse_sql("the masked column " + shorten(printable(written_name(tokens_[i])), 64) + " " + why,
                      std::string(how_to_ask));
}

/// An alias stands for the column wherever it is used.
Verdict Judge::judge_aliases() const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        const auto& token = tokens_[i];
        if (!token.is_name() || token.after_dot || shape_.table_words.contains(i)) continue;
        const auto alias = aliases_.find(compare_name(token.name));
        if (alias == aliases_.end() || alias->second == i) continue;
        const auto next = i + 1 < tokens_.size() ? &tokens_[i + 1] : nullptr;
        if (next != nullptr && (next->is_symbol('.') || next->is_symbol('('))) continue;
        // A qualified name is never an alias.
        if (i > 0 && tokens_[i - 1].is_symbol('.')) continue;
        if (operands_->why_not({i, i + 1}).empty()) continue;
        return refuse(i, "goes by this alias, which is used in another place");
    }
    return Verdict::yes();
}

/// Some name or function, so that it is no place in the select list.
bool Judge::names_something(const SqlRange& range) const {
    for (auto i = range.begin; i < range.end; ++i)
        if (tokens_[i].is_name() && !tokens_[i].is_word("ASC") && !tokens_[i].is_word("DESC")) return true;
    return false;
}

/// ORDER BY 2, where the second column is masked.
Verdict Judge::judge_sorting() const {
    for (const auto& select : shape_.selects) {
        const bool has_star =
            std::ranges::any_of(select.items, [&](const SqlRange& item) { return is_star(item); });
        const bool star_is_masked = (has_star || select.whole_table) && !masked_of(select, {}).empty();
        for (const auto& range : select.sorted_by) {
            if (range.is_empty() || names_something(range)) continue;
            const auto number = std::string(tokens_[range.begin].text);
            // The server may take a number for a place in the list however it is written: (2), 02, +2.
            const bool is_plain =
                !number.starts_with('0') && number.find_first_not_of("0123456789") == std::string::npos;
            const bool by_masked = std::ranges::any_of(masked_items_, [&](const auto& item) {
                return item.first == &select && (!is_plain || std::to_string(item.second + 1) == number);
            });
            if (by_masked || star_is_masked)
                return refuse_sql("ORDER BY and GROUP BY " + shorten(number, 20) +
                                      " may mean a masked column, and tell its order",
                                  "sort by the names of other columns");
        }
    }
    return Verdict::yes();
}

/// Tables of the server that hold values of columns, or statements with their values.
Verdict judge_schema_tables(const SqlShape& shape) {
    constexpr WordList value_tables = "COLUMN_STATISTICS OPTIMIZER_TRACE";
    for (const auto& select : shape.selects)
        for (const auto& table : select.tables)
            if (lists(value_tables, compare_name(table.name)) &&
                compare_name(table.schema) == "INFORMATION_SCHEMA")
                return refuse_sql(
                    "information_schema." + upper(table.name) + " shows values of columns, masked ones too",
                    "read information_schema.STATISTICS, or EXPLAIN the statement");
    return Verdict::yes();
}

}  // namespace

std::string MaskedResult::label_of(std::string_view name) const {
    const auto found = columns.find(compare_name(name));
    return found == columns.end() ? std::string() : found->second;
}

std::string compare_name(std::string_view name) { return fold_name(upper(name)); }

Result<std::vector<TableName>> tables_of(std::string_view sql) {
    const auto lexed = lex_query(sql);
    if (!lexed) return lexed.error();
    std::vector<TableName> out;
    const auto shape = lexed->shape();
    if (!shape) return unclear();
    for (const auto& select : shape->selects)
        for (const auto& table : select.tables) {
            if (compare_name(table.name) == "DUAL" && table.schema.empty()) continue;
            TableName name{table.schema, table.name};
            if (std::ranges::find(out, name) == out.end()) out.push_back(std::move(name));
        }
    return out;
}

MaskVerdict judge_masks(std::string_view sql, const MaskRules& rules, const std::vector<KnownTable>& known) {
    const auto lexed = lex_query(sql);
    if (!lexed) return {Verdict::no(lexed.error().message, lexed.error().hint), {}};
    const auto shape = lexed->shape();
    if (!shape) return {Verdict::no(unclear().message, unclear().hint), {}};
    if (auto verdict = judge_schema_tables(*shape); !verdict.allowed) return {verdict, {}};
    if (auto verdict = judge_paths(lexed->query(), rules); !verdict.allowed) return {verdict, {}};
    return Judge(lexed->query(), *shape, known).judge(lexed->has_format);
}

}  // namespace casefile::policy
