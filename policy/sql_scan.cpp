#include "policy/sql_scan.h"

#include "base/text.h"
#include "policy/sql_functions.h"
#include "policy/sql_hints.h"
#include "policy/sql_private.h"
#include "policy/sql_words.h"

namespace casefile::policy {
namespace {

using Kind = SqlToken::Kind;

/// One pass over the tokens; remembers which word opened each bracket that is still open.
class Scan {
  public:
    explicit Scan(SqlTokens tokens) : tokens_(tokens) {}

    Verdict judge() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (auto verdict = judge_one(i); !verdict.allowed) return verdict;
            if (openers_.size() > sql_depth_max)
                return refuse_sql(
                    "expected brackets at most " + std::to_string(sql_depth_max) + " deep, got deeper ones",
                    "write conditions side by side, as in a OR b OR c, or ask in smaller statements");
        }
        if (!openers_.empty()) return refuse_sql("a bracket is not closed", "close every ( with a )");
        return Verdict::yes();
    }

  private:
    Verdict judge_one(std::size_t i);
    Verdict judge_word(std::size_t i) const;
    Verdict judge_for(std::size_t i) const;
    Verdict judge_call(std::size_t i) const;
    Verdict judge_function_name(std::size_t i) const;
    Verdict judge_schema(std::size_t i);
    bool reads_by_harmless_names(WordList columns) const;

    bool names_columns(std::size_t i) const;
    bool is_keyword_by_place(std::size_t i) const;
    bool is_query_start(std::size_t i) const;
    bool is_odbc_escape(std::size_t i) const;
    bool is_value_before(std::size_t i) const;
    bool follows_select(std::size_t end) const;
    bool follows_match(std::size_t end) const;

    bool is_symbol(std::size_t i, char symbol) const {
        return i < tokens_.size() && tokens_[i].is_symbol(symbol);
    }
    bool is_word(std::size_t i, std::string_view word) const {
        return i < tokens_.size() && tokens_[i].is_word(word);
    }
    /// Of the token before `i`: false where there is none.
    bool comes_after(std::size_t i, std::string_view word) const { return i > 0 && is_word(i - 1, word); }
    bool comes_after(std::size_t i, char symbol) const { return i > 0 && is_symbol(i - 1, symbol); }

    SqlTokens tokens_;
    // Among the openers. A name in backticks can be spelled so too; then the brackets after it match nothing.
    static constexpr std::string_view brace = "{";
    std::vector<std::string_view> openers_;
    // The last answer of reads_by_harmless_names() that was yes, so that many mentions cost one look.
    WordList harmless_of_ = {};
};

Verdict Scan::judge_one(std::size_t i) {
    const auto& token = tokens_[i];
    if (token.kind == Kind::hint) {
        // Elsewhere it is a comment to the server, and would stand here between a name and its bracket.
        if (!comes_after(i, "SELECT"))
            return refuse_sql("an optimizer hint stands elsewhere than after SELECT",
                              "write SELECT /*+ … */");
        return judge_hint(token.text);
    }
    if (token.is_symbol('(')) {
        const bool named = i > 0 && tokens_[i - 1].is_name();
        openers_.push_back(named ? std::string_view(tokens_[i - 1].name) : std::string_view());
        return named ? judge_call(i - 1) : Verdict::yes();
    }
    if (token.is_symbol('{')) {
        if (!is_odbc_escape(i + 1))
            return refuse_sql("a brace { begins something else than {d, {t, {ts, {fn or {oj",
                              "write the function, date or time without the braces");
        openers_.push_back(brace);
        return Verdict::yes();
    }
    if (token.is_symbol(')') || token.is_symbol('}')) {
        if (openers_.empty() || (openers_.back() == brace) != token.is_symbol('}'))
            return refuse_sql("a bracket is closed that was not opened", "open every ) with a (");
        openers_.pop_back();
        return Verdict::yes();
    }
    if (token.kind == Kind::system_variable) {
        const auto name = std::string_view(token.name).substr(token.name.rfind('.') + 1);
        if (is_private_variable(name))
            return refuse_sql("the variable @@" + std::string(name) + " can hold passwords",
                              "leave it out; ask SHOW VARIABLES for other settings");
        if (name == "WARNING_COUNT" || name == "ERROR_COUNT")
            return refuse_sql("@@" + std::string(name) + " counts for an earlier statement",
                              "select the values in question themselves");
        // The server takes blanks and comments there, so that the name would be another one.
        if (is_symbol(i + 1, '.'))
            return refuse_sql("a dot stands apart from the name of a system variable",
                              "write @@global.name in one piece");
        return Verdict::yes();
    }
    if (token.is_symbol('@'))
        return refuse_sql("user variables (@name) keep state between statements",
                          "use a WITH clause, a window function or params instead");
    if (token.is_symbol(':'))
        return refuse_sql("the assignment := sets a variable",
                          "use a WITH clause or a window function instead");
    if (!token.is_name()) return Verdict::yes();
    if (is_symbol(i + 1, '.') && !comes_after(i, '.'))
        if (auto verdict = judge_schema(i); !verdict.allowed) return verdict;
    return token.kind == Kind::word && !token.after_dot ? judge_word(i) : Verdict::yes();
}

Verdict Scan::judge_word(std::size_t i) const {
    const auto& word = tokens_[i].name;
    if (word == "INTO")
        return refuse_sql(
            "INTO sends rows to a file or a variable",
            "leave out INTO: casefile files every answer; a column of that name goes in backticks");
    if (word == "FOR") return judge_for(i);
    if (word == "LOCK")
        return refuse_sql("LOCK takes locks", "leave out LOCK IN SHARE MODE; a plain SELECT takes none");
    if (word == "PROCEDURE")
        return refuse_sql("PROCEDURE runs code on the server", "leave out the PROCEDURE clause");
    if (word == "SET" && !comes_after(i, "CHARACTER") && !comes_after(i, "CHAR"))
        return refuse_sql("SET changes settings", "leave out SET; read a setting as @@name");
    // INSERT( and REPLACE( are functions on text.
    if (is_writing_word(word) && !((word == "INSERT" || word == "REPLACE") && is_symbol(i + 1, '(')))
        return refuse_sql(word + " has no place in a reading statement",
                          "casefile never writes; a column or table of that name goes in backticks");
    return Verdict::yes();
}

/// FOR locks, except in the few places where it does not.
Verdict Scan::judge_for(std::size_t i) const {
    if (comes_after(i, "VALUE"))
        return refuse_sql("NEXT VALUE FOR and PREVIOUS VALUE FOR touch a sequence",
                          "read the sequence as a table: SELECT * FROM its_name");
    const auto opener = openers_.empty() ? std::string_view() : openers_.back();
    const bool substring = opener == "SUBSTRING" || opener == "SUBSTR" || opener == "MID";
    const bool index_hint = (comes_after(i, "INDEX") || comes_after(i, "KEY")) &&
                            (is_word(i + 1, "JOIN") || is_word(i + 1, "ORDER") || is_word(i + 1, "GROUP"));
    const bool ordinality = opener == "COLUMNS" && is_word(i + 1, "ORDINALITY");
    if (substring || index_hint || ordinality || is_word(i + 1, "SYSTEM_TIME")) return Verdict::yes();
    if (is_word(i + 1, "UPDATE") || is_word(i + 1, "SHARE"))
        return refuse_sql("FOR " + tokens_[i + 1].name + " takes row locks",
                          "leave it out; a plain SELECT reads a snapshot and takes none");
    return refuse_sql("FOR is known only in index hints, SUBSTRING and SYSTEM_TIME",
                      "leave out the FOR clause; a column of that name goes in backticks");
}

/// The name at `i` stands before a bracket: a keyword, a list of column names, or a function.
Verdict Scan::judge_call(std::size_t i) const {
    const auto& token = tokens_[i];
    if (comes_after(i, '.'))
        return refuse_sql("a function with a schema before its name is a stored one, which may write",
                          "use a built-in function");
    if (token.kind == Kind::word && (is_word_before_bracket(token.name) || is_keyword_by_place(i)))
        return Verdict::yes();
    if (names_columns(i)) return Verdict::yes();
    return judge_function_name(i);
}

Verdict Scan::judge_function_name(std::size_t i) const {
    const auto& token = tokens_[i];
    const auto& bracket = tokens_[i + 1];
    const auto shown = shorten(printable(token.name), 64);
    if (const auto why = why_refused(token.name); !why.reason.empty())
        return refuse_sql("the function " + shown + "() " + std::string(why.reason), std::string(why.hint));
    if (!is_harmless_function(token.name))
        return refuse_sql("the function " + shown + "() is not known to be harmless",
                          "use a built-in function of MySQL or MariaDB; stored functions are not called");
    if (token.kind == Kind::quoted_name)
        return refuse_sql("a function's name stands in backticks, which can call a stored function",
                          "write " + shown + "( without backticks");
    const bool close = token.text.data() + token.text.size() == bracket.text.data();
    if (!close && needs_its_bracket_close(token.name))
        return refuse_sql(
            "a space stands between " + shown + " and its bracket, which can call a stored function",
            "write " + shown + "( without a space");
    if (token.name == "LAST_INSERT_ID" && !is_symbol(i + 2, ')'))
        return refuse_sql("LAST_INSERT_ID(value) sets the value", "write LAST_INSERT_ID()");
    return Verdict::yes();
}

Verdict Scan::judge_schema(std::size_t i) {
    const auto table = i + 2 < tokens_.size() ? std::string_view(tokens_[i + 2].name) : std::string_view();
    const auto found = private_table(tokens_[i].name, table);
    if (!found.is_private()) return Verdict::yes();
    if (found.columns.empty()) return refuse_sql(std::string(found.reason), std::string(found.hint));
    if (found.columns != harmless_of_ && !reads_by_harmless_names(found.columns))
        return refuse_sql(std::string(found.reason), std::string(found.hint) + std::string(found.columns));
    harmless_of_ = found.columns;
    return Verdict::yes();
}

/// No `*` but that of COUNT(*), no TABLE, and nothing that is called like one of `columns`: then no value of
/// those columns can take part in the statement, whatever it joins and renames.
bool Scan::reads_by_harmless_names(WordList columns) const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        const bool counts = i >= 2 && is_symbol(i - 1, '(') && is_word(i - 2, "COUNT");
        if (is_symbol(i, '*') && !counts) return false;
        if (is_word(i, "TABLE")) return false;
        if (tokens_[i].is_name() && lists(columns, fold_name(tokens_[i].name))) return false;
    }
    return true;
}

/// `name (a, b)` that renames the columns of a WITH query or of a derived table. Nothing that calls a
/// function can stand there: the one is followed by AS ( and a query, the other follows a closed bracket.
bool Scan::names_columns(std::size_t i) const {
    auto end = i + 2;
    while (end + 1 < tokens_.size() && tokens_[end].is_name() && is_symbol(end + 1, ',')) end += 2;
    if (end >= tokens_.size() || !tokens_[end].is_name() || !is_symbol(end + 1, ')')) return false;
    const bool of_with = (comes_after(i, "WITH") || comes_after(i, "RECURSIVE") || comes_after(i, ',')) &&
                         is_word(end + 2, "AS") && is_symbol(end + 3, '(') && is_query_start(end + 4);
    const bool of_derived = comes_after(i, ')') || (comes_after(i, "AS") && comes_after(i - 1, ')'));
    return of_with || of_derived;
}

/// Words that some server takes for a function's name, except where its grammar wants them.
bool Scan::is_keyword_by_place(std::size_t i) const {
    const auto& word = tokens_[i].name;
    if (comes_after(i, '{')) return true;
    if (is_select_option(word)) return follows_select(i);
    // The word's own bracket is the last one.
    if (is_type(word)) return openers_.size() > 1 && openers_[openers_.size() - 2] == "COLUMNS";
    if (word == "AGAINST") return comes_after(i, ')') || follows_match(i);
    if (word == "ESCAPE") return is_value_before(i);
    if (word == "COLUMNS") return i > 0 && tokens_[i - 1].kind == Kind::string;
    if (word == "LATERAL")
        return (comes_after(i, ',') || comes_after(i, "JOIN")) && !is_symbol(i + 2, '(') &&
               is_query_start(i + 2);
    return word == "OF" && (comes_after(i, "MEMBER") || comes_after(i, "AS"));
}

bool Scan::is_query_start(std::size_t i) const {
    return is_symbol(i, '(') || is_word(i, "SELECT") || is_word(i, "WITH") || is_word(i, "VALUES") ||
           is_word(i, "TABLE");
}

bool Scan::is_odbc_escape(std::size_t i) const {
    return is_word(i, "D") || is_word(i, "T") || is_word(i, "TS") || is_word(i, "FN") || is_word(i, "OJ");
}

/// SELECT up to `end`, and nothing but its options since.
bool Scan::follows_select(std::size_t end) const {
    while (end > 0 && tokens_[end - 1].kind == Kind::word && is_select_option(tokens_[end - 1].name)) --end;
    return comes_after(end, "SELECT");
}

/// `MATCH a, t.b` up to `end`, without the usual brackets.
bool Scan::follows_match(std::size_t end) const {
    while (end > 0 && (tokens_[end - 1].is_name() || is_symbol(end - 1, '.') || is_symbol(end - 1, ',')))
        if (is_word(--end, "MATCH")) return true;
    return false;
}

/// A value that is whole: what follows it is no value.
bool Scan::is_value_before(std::size_t i) const {
    if (i == 0) return false;
    const auto kind = tokens_[i - 1].kind;
    return kind == Kind::string || kind == Kind::number || kind == Kind::placeholder || is_symbol(i - 1, ')');
}

}  // namespace

Verdict refuse_sql(std::string reason, std::string hint) {
    return Verdict::no("statement not allowed: " + std::move(reason), std::move(hint));
}

Verdict scan_sql(SqlTokens tokens) { return Scan(tokens).judge(); }

}  // namespace casefile::policy
