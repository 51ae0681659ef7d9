#include "tests/unit/policy/sql_mutator.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "base/text.h"

namespace casefile::policy {
namespace {

enum class Piece { space, line_comment, comment, text, name, word, number, symbol };

struct Cut {
    Piece piece;
    std::string text;
};

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_letter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::size_t end_of_quoted(const std::string& sql, std::size_t at) {
    const char quote = sql[at++];
    for (; at < sql.size() && sql[at] != quote; ++at)
        if (sql[at] == '\\' && quote != '`') ++at;
    return std::min(sql.size(), at + 1);
}

Cut next(const std::string& sql, std::size_t at) {
    const auto upto = [&](std::size_t end) { return sql.substr(at, std::min(sql.size(), end) - at); };
    const char c = sql[at];
    const auto find_end = [&](auto test) {
        auto end = at;
        while (end < sql.size() && test(sql[end])) ++end;
        return upto(end);
    };
    if (is_blank(c)) return {Piece::space, find_end(is_blank)};
    const bool dashes = sql.compare(at, 2, "--") == 0 && (at + 2 == sql.size() || is_blank(sql[at + 2]));
    if (c == '#' || dashes) {
        const auto end = sql.find('\n', at);
        return {Piece::line_comment, upto(end == std::string::npos ? sql.size() : end + 1)};
    }
    if (sql.compare(at, 2, "/*") == 0) {
        const auto end = sql.find("*/", at + 2);
        return {Piece::comment, upto(end == std::string::npos ? sql.size() : end + 2)};
    }
    if (c == '\'' || c == '"') return {Piece::text, upto(end_of_quoted(sql, at))};
    if (c == '`') return {Piece::name, upto(end_of_quoted(sql, at))};
    if (is_letter(c)) {
        const bool number = std::isdigit(static_cast<unsigned char>(c)) != 0;
        return {number ? Piece::number : Piece::word, find_end(is_letter)};
    }
    // NULL is also written \N, with no other letter.
    return {Piece::symbol, upto(at + (c == '\\' ? 2 : 1))};
}

std::vector<Cut> cut(const std::string& sql) {
    std::vector<Cut> out;
    for (std::size_t at = 0; at < sql.size(); at += out.back().text.size()) out.push_back(next(sql, at));
    return out;
}

std::string joined(const std::vector<Cut>& pieces) {
    std::string out;
    for (const auto& piece : pieces) out += piece.text;
    return out;
}

const std::vector<std::string> blanks = {" ", "\t", "\n", "\v", "\f", "\r", "\r\n", " \t \n ", "    "};
const std::vector<std::string> comments = {
    "/**/",          "/* */",  "/* ; */",           "/* ' */",           "/* SELECT */",
    "/* \" ` -- */", "/***/",  "/* * / */",         " -- note\n",        " --\n",
    " --\t'\n",      "#\n",    "# DROP TABLE\n",    "/* # -- \n */",     " -- /* \n",
    "/* \\*/",       "# */\n", "/*- FOR UPDATE */", "/* \xE2\x98\x95 */"};

/// Before a hint stands SELECT, and a comment there is one to servers as well.
std::string with_spaces(const std::string& sql, Choices& choices, const std::vector<std::string>& kinds) {
    auto pieces = cut(sql);
    bool changed = false;
    for (auto& piece : pieces)
        if (piece.piece == Piece::space && choices.below(3) > 0) {
            piece.text = choices.one_of(kinds);
            changed = true;
        }
    return changed ? joined(pieces) : std::string();
}

std::string other_case(const std::string& sql, Choices& choices) {
    auto pieces = cut(sql);
    bool changed = false;
    for (auto& piece : pieces) {
        if (piece.piece != Piece::word) continue;
        for (auto& c : piece.text)
            if (std::isalpha(static_cast<unsigned char>(c)) != 0 && choices.below(2) == 0) {
                c = static_cast<char>(c ^ 0x20);
                changed = true;
            }
    }
    return changed ? joined(pieces) : std::string();
}

/// After every comma and operator, and before them, where no token could become another.
std::string with_space_at_symbols(const std::string& sql, Choices& choices) {
    auto pieces = cut(sql);
    bool changed = false;
    for (auto& piece : pieces)
        if (piece.piece == Piece::symbol && (piece.text == "," || piece.text == "=") &&
            choices.below(2) == 0) {
            piece.text = choices.one_of(comments) + piece.text;
            piece.text += piece.text.ends_with('=') ? "" : choices.one_of(blanks);
            changed = true;
        }
    // != and <= and := are one token each.
    const auto out = joined(pieces);
    return changed && sql.find_first_of("!<>:") == std::string::npos ? out : std::string();
}

/// Texts that hold nothing that other quotes would read otherwise, changed by `change`.
std::string with_texts(const std::string& sql, const std::function<std::string(const std::string&)>& change) {
    // SHOW and EXPLAIN take some texts bare only.
    if (!is_whole_query(sql)) return {};
    auto pieces = cut(sql);
    bool changed = false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        auto& piece = pieces[i];
        if (piece.piece != Piece::text || piece.text.size() < 2 || piece.text.back() != piece.text.front())
            continue;
        const auto inside = piece.text.substr(1, piece.text.size() - 2);
        if (inside.find_first_of("'\"\\") != std::string::npos) continue;
        // x'41' and N'a' are one token, 'a' 'b' one text, and 'a''b' one with a quote in it.
        const auto joins = [&](std::size_t at) {
            return at < pieces.size() && (pieces[at].piece == Piece::text || pieces[at].piece == Piece::word);
        };
        if (i > 0 && (joins(i - 1) || pieces[i - 1].text == "@" ||
                      (pieces[i - 1].piece == Piece::space && i > 1 &&
                       (pieces[i - 2].piece == Piece::text || pieces[i - 2].text.starts_with('_')))))
            continue;
        if (joins(i + 1)) continue;
        piece.text = change(inside);
        changed = true;
    }
    return changed ? joined(pieces) : std::string();
}

std::string around(const std::string& sql, const std::string& before, const std::string& after) {
    return is_whole_query(sql) ? before + sql + after : std::string();
}

std::string in_executable(const std::string& sql, Choices& choices, bool whole) {
    static const std::vector<std::string> openers = {"/*!",  "/*!50000 ",   "/*!99999 ", "/*!100000 ", "/*M!",
                                                     "/*m!", "/*M!100100 ", "/*!\n",     "/*!000000 "};
    const auto opener = choices.one_of(openers);
    if (whole) return opener + " " + sql + " */";
    auto pieces = cut(sql);
    std::vector<std::size_t> words;
    for (std::size_t i = 0; i < pieces.size(); ++i)
        if (pieces[i].piece == Piece::word || pieces[i].piece == Piece::symbol) words.push_back(i);
    if (words.empty()) return {};
    auto& word = pieces[choices.one_of(words)].text;
    word = opener + " " + word + " */";
    return joined(pieces);
}

}  // namespace

bool is_whole_query(const std::string& sql) {
    std::string first;
    for (const auto& piece : cut(sql)) {
        if (piece.piece == Piece::line_comment && !piece.text.ends_with('\n')) return false;
        if (piece.text == ";") return false;
        if (!first.empty() || piece.piece == Piece::space || piece.piece == Piece::comment ||
            piece.piece == Piece::line_comment || piece.text == "(")
            continue;
        first = upper(piece.text);
    }
    return first == "SELECT" || first == "WITH";
}

const std::vector<Mutation>& lexical_mutations() {
    static const std::vector<Mutation> list = {
        {"other white space",
         [](const auto& sql, auto& choices) { return with_spaces(sql, choices, blanks); }},
        {"comments for white space",
         [](const auto& sql, auto& choices) { return with_spaces(sql, choices, comments); }},
        {"the other case", other_case},
        {"comments at commas", with_space_at_symbols},
        {"a comment before", [](const auto& sql, auto& choices) { return choices.one_of(comments) + sql; }},
        {"a comment after",
         [](const auto& sql, auto& choices) { return sql + "\n" + choices.one_of(comments); }},
    };
    return list;
}

const std::vector<Mutation>& meaning_mutations() {
    const auto wrapped = [](std::string before, std::string after) {
        return [before = std::move(before), after = std::move(after)](const std::string& sql, Choices&) {
            return around(sql, before, after);
        };
    };
    const auto texts = [](std::string before, std::string after) {
        return [before = std::move(before), after = std::move(after)](const std::string& sql, Choices&) {
            return with_texts(sql, [&](const std::string& inside) { return before + inside + after; });
        };
    };
    static const std::vector<Mutation> list = {
        {"single quotes", texts("'", "'")},
        {"double quotes", texts("\"", "\"")},
        {"an introducer", texts(" _utf8mb4'", "'")},
        {"another introducer", texts(" _LATIN1 \"", "\"")},
        {"a national text", texts(" N'", "'")},
        {"brackets", wrapped("(", ")")},
        {"more brackets", wrapped("((\n", ") )")},
        {"a derived table", wrapped("SELECT 1 FROM (", "\n) AS derived")},
        {"a derived table in one", wrapped("SELECT 1 FROM (SELECT 1 FROM (", ") a) AS b")},
        {"a WITH query", wrapped("WITH named AS (", ") SELECT 1 FROM named")},
        {"a WITH query in a derived table", wrapped("SELECT 1 FROM (WITH n AS (", ") SELECT 1 FROM n) AS d")},
        {"EXISTS", wrapped("SELECT 1 WHERE EXISTS (", ")")},
        {"the second of a union", wrapped("SELECT 1 UNION ALL (", ")")},
        {"the first of a union", wrapped("(", ") UNION SELECT 1")},
        {"an operand", wrapped("SELECT 1 IN (", ") FROM orders")},
        {"EXPLAIN", wrapped("EXPLAIN ", "")},
        {"a semicolon", wrapped("", " ;")},
    };
    return list;
}

const std::vector<Mutation>& executable_mutations() {
    static const std::vector<Mutation> list = {
        {"all of it in an executable comment",
         [](const auto& sql, auto& choices) { return in_executable(sql, choices, true); }},
        {"a word in an executable comment",
         [](const auto& sql, auto& choices) { return in_executable(sql, choices, false); }},
    };
    return list;
}

}  // namespace casefile::policy
