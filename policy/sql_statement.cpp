#include "policy/sql_statement.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "policy/sql_lexer.h"
#include "policy/sql_scan.h"
#include "policy/sql_show.h"

namespace casefile::policy {
namespace {

constexpr const char* expected = "expected one SELECT, SHOW, DESCRIBE or EXPLAIN";

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

/// The place after the bracket that opens at `open`, or the end.
std::size_t after_bracket(SqlTokens tokens, std::size_t open) {
    std::size_t depth = 0;
    for (auto i = open; i < tokens.size(); ++i) {
        if (tokens[i].is_symbol('(')) ++depth;
        if (tokens[i].is_symbol(')') && --depth == 0) return i + 1;
    }
    return tokens.size();
}

/// What follows the named queries of a WITH that begins at the first token; nothing when they cannot be
/// followed.
std::optional<std::size_t> end_of_with(SqlTokens tokens) {
    const auto is_open = [&](std::size_t i) { return i < tokens.size() && tokens[i].is_symbol('('); };
    const auto is_word = [&](std::size_t i, std::string_view word) {
        return i < tokens.size() && tokens[i].is_word(word);
    };
    std::size_t i = is_word(1, "RECURSIVE") ? 2 : 1;
    for (;; ++i) {
        if (i >= tokens.size() || !tokens[i].is_name()) return std::nullopt;
        ++i;
        if (is_open(i)) i = after_bracket(tokens, i);
        if (!is_word(i, "AS") || !is_open(i + 1)) return std::nullopt;
        i = after_bracket(tokens, i + 1);
        if (is_word(i, "CYCLE")) {  // CYCLE a, b RESTRICT
            while (i < tokens.size() && !is_word(i, "RESTRICT")) ++i;
            ++i;
        }
        if (i >= tokens.size() || !tokens[i].is_symbol(',')) return i;
    }
}

Verdict judge_query(SqlTokens tokens) {
    std::size_t first = 0;
    while (first < tokens.size() && tokens[first].is_symbol('(')) ++first;
    if (first == tokens.size() || !starts_query(tokens[first]))
        return refuse_sql("a bracket holds no query", "begin with SELECT");
    if (tokens[first].is_word("WITH")) {
        const auto end = end_of_with(tokens.subspan(first));
        if (!end || first + *end >= tokens.size())
            return refuse_sql("the WITH clause cannot be followed", "write WITH name AS (SELECT …) SELECT …");
        const auto& main = tokens[first + *end];
        if (!starts_query(main) || main.is_word("WITH"))
            return refuse_sql(
                "expected SELECT after the WITH clause, got " + shorten(printable(main.text), 40),
                "read the rows with SELECT; casefile never writes");
    }
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
