#include "policy/sql_statement.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "policy/sql_lexer.h"
#include "policy/sql_scan.h"
#include "policy/sql_show.h"

namespace casefile::policy {
namespace {

constexpr const char* expected = "expected one SELECT, WITH, SHOW, DESCRIBE or EXPLAIN";

/// Words that start statements of other kinds, and what to ask instead.
struct OtherStart {
    std::string_view word;
    std::string_view hint;
};
constexpr std::string_view own_snapshot = "leave it out: each call reads in a transaction of its own";
constexpr std::string_view send_params = "send the SELECT itself, with its values in params";
constexpr OtherStart other_starts[] = {
    {"ANALYZE", "ask EXPLAIN, which plans the statement without running it"},
    {"BEGIN", own_snapshot},
    {"COMMIT", own_snapshot},
    {"EXECUTE", send_params},
    {"HANDLER", "read the table with SELECT"},
    {"KILL", "cancel the call instead; casefile ends its own queries"},
    {"PREPARE", send_params},
    {"ROLLBACK", own_snapshot},
    {"SET", "leave it out: casefile keeps its own session settings; read one as @@name"},
    {"START", own_snapshot},
    {"USE", "write the schema before the table's name, as in shop.orders"},
};

Verdict refuse_start(const SqlToken& first) {
    const auto other = std::ranges::find(other_starts, first.name, &OtherStart::word);
    const auto hint = other == std::end(other_starts) ? "read the rows with SELECT; casefile never writes"
                                                      : std::string(other->hint);
    return refuse_sql(std::string(expected) + ", got " + shorten(printable(first.text), 40), hint);
}

bool starts_query(const SqlToken& token) {
    return token.is_symbol('(') || token.is_word("SELECT") || token.is_word("WITH") ||
           token.is_word("TABLE") || token.is_word("VALUES");
}

/// Where each bracket ends: the place after it, or the end of the tokens.
std::vector<std::size_t> ends_of_brackets(SqlTokens tokens) {
    std::vector<std::size_t> ends(tokens.size(), tokens.size()), open;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].is_symbol('(')) open.push_back(i);
        if (!tokens[i].is_symbol(')') || open.empty()) continue;
        ends[open.back()] = i + 1;
        open.pop_back();
    }
    return ends;
}

/// What follows the named queries of the WITH at `i`; nothing when they cannot be followed.
std::optional<std::size_t> end_of_with(SqlTokens tokens, const std::vector<std::size_t>& ends,
                                       std::size_t i) {
    const auto is_open = [&](std::size_t at) { return at < tokens.size() && tokens[at].is_symbol('('); };
    const auto is_word = [&](std::size_t at, std::string_view word) {
        return at < tokens.size() && tokens[at].is_word(word);
    };
    for (i += is_word(i + 1, "RECURSIVE") ? 2 : 1;; ++i) {
        if (i >= tokens.size() || !tokens[i].is_name()) return std::nullopt;
        ++i;
        if (is_open(i)) i = ends[i];
        if (!is_word(i, "AS") || !is_open(i + 1)) return std::nullopt;
        i = ends[i + 1];
        if (is_word(i, "CYCLE")) {  // CYCLE a, b RESTRICT
            while (i < tokens.size() && !is_word(i, "RESTRICT")) ++i;
            ++i;
        }
        if (i >= tokens.size() || !tokens[i].is_symbol(',')) return i;
    }
}

Verdict judge_with(SqlTokens tokens, const std::vector<std::size_t>& ends, std::size_t with) {
    const auto end = end_of_with(tokens, ends, with);
    if (!end || *end >= tokens.size())
        return refuse_sql("the WITH clause cannot be followed", "write WITH name AS (SELECT …) SELECT …");
    const auto& main = tokens[*end];
    if (starts_query(main) && !main.is_word("WITH")) return Verdict::yes();
    return refuse_sql("expected SELECT after the WITH clause, got " + shorten(printable(main.text), 40),
                      "read the rows with SELECT; casefile never writes");
}

Verdict judge_query(SqlTokens tokens) {
    std::size_t first = 0;
    while (first < tokens.size() && tokens[first].is_symbol('(')) ++first;
    if (first == tokens.size() || !starts_query(tokens[first]))
        return refuse_sql("a bracket holds no query", "begin with SELECT");
    const auto ends = ends_of_brackets(tokens);
    for (std::size_t i = first; i < tokens.size(); ++i)
        if (tokens[i].is_word("WITH") && (i == 0 || tokens[i - 1].is_symbol('(')))
            if (auto verdict = judge_with(tokens, ends, i); !verdict.allowed) return verdict;
    return scan_sql(tokens);
}

/// `table`, `schema.table`, and then a column or a pattern.
bool is_table_to_describe(SqlTokens tokens) {
    std::size_t i = 0;
    if (tokens.empty() || !tokens[0].is_name()) return false;
    i = tokens.size() >= 3 && tokens[1].is_symbol('.') && tokens[2].is_name() ? 3 : 1;
    if (i < tokens.size() && (tokens[i].is_name() || tokens[i].kind == SqlToken::Kind::string)) ++i;
    return i == tokens.size();
}

Verdict judge_explain(SqlTokens tokens) {
    const auto after_word = tokens.subspan(1);
    auto rest = after_word;
    while (rest.size() > 1) {
        if (rest[0].is_word("EXTENDED") || rest[0].is_word("PARTITIONS"))
            rest = rest.subspan(1);
        else if (rest.size() > 3 && rest[0].is_word("FORMAT") && rest[1].is_symbol('=') &&
                 (rest[2].is_name() || rest[2].kind == SqlToken::Kind::string))
            rest = rest.subspan(3);
        else
            break;
    }
    if (rest.empty())
        return refuse_sql("nothing follows " + tokens[0].name, "name a table, or write EXPLAIN SELECT …");
    if (rest[0].is_word("ANALYZE"))
        return refuse_sql("EXPLAIN ANALYZE runs the statement", "ask EXPLAIN without ANALYZE");
    if (rest[0].is_word("FOR"))
        return refuse_sql("EXPLAIN FOR CONNECTION shows another session's statement",
                          "explain a SELECT of your own");
    if (starts_query(rest[0])) return judge_query(rest);
    if (rest.size() == after_word.size() && is_table_to_describe(rest)) return scan_sql(rest);
    return refuse_sql("only a reading statement is explained, got " + shorten(printable(rest[0].text), 40),
                      "explain the SELECT with the same WHERE");
}

}  // namespace

Verdict judge_sql(std::string_view sql) {
    const auto lexed = lex_sql(sql);
    if (!lexed) return Verdict::no(lexed.error().message, lexed.error().hint);
    SqlTokens tokens = *lexed;
    if (!tokens.empty() && tokens.back().is_symbol(';')) tokens = tokens.first(tokens.size() - 1);
    if (tokens.empty())
        return refuse_sql(std::string(expected) + ", got nothing", "write the question as one SELECT");
    if (std::ranges::any_of(tokens, [](const SqlToken& token) { return token.is_symbol(';'); }))
        return refuse_sql("two statements; " + std::string(expected),
                          "send each statement in a call of its own");

    const auto& first = tokens.front();
    if (starts_query(first)) return judge_query(tokens);
    if (first.is_word("SHOW")) return judge_show(tokens);
    if (first.is_word("EXPLAIN") || first.is_word("DESCRIBE") || first.is_word("DESC"))
        return judge_explain(tokens);
    return refuse_start(first);
}

}  // namespace casefile::policy
