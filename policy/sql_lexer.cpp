#include "policy/sql_lexer.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::policy {
namespace {

using Kind = SqlToken::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_binary_digit(char c) { return c == '0' || c == '1'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

Error refusal(std::string reason, std::string hint) {
    return denied("statement not allowed: " + std::move(reason), std::move(hint));
}

/// For $1 and :name, which other drivers take.
constexpr auto use_question_marks = "write ? for each value, and give the values in params";

class Lexer {
  public:
    explicit Lexer(std::string_view sql) : sql_(sql) {}

    Result<std::vector<SqlToken>> read() {
        while (at_ < sql_.size())
            if (auto done = read_one(); !done) return done.error();
        return std::move(tokens_);
    }

  private:
    /// The character `ahead` of the next one; NUL beyond the end, which the text itself cannot hold.
    char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }
    bool starts_with(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

    Result<void> read_one();
    Result<void> read_block_comment();
    Result<void> read_string(char quote);
    Result<void> read_quoted_name();
    Result<void> read_variable();
    Result<void> read_digits_literal(bool (*is_allowed)(char));
    Result<void> read_word_or_number();
    Result<void> read_number_after_digits(std::size_t start);
    Result<void> read_symbol();

    /// The end of a quoted text that begins at `from`, or npos. Doubled quotes are part of it.
    std::size_t end_of_quoted(std::size_t from, char quote, bool backslash_escapes) const;
    bool touches_dot() const;
    void skip_line() {
        const auto end = sql_.find('\n', at_);
        at_ = end == std::string_view::npos ? sql_.size() : end + 1;
    }
    void add(Kind kind, std::size_t start, std::string name = {}, bool after_dot = false) {
        tokens_.push_back({kind, sql_.substr(start, at_ - start), std::move(name), after_dot});
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    std::vector<SqlToken> tokens_;
};

Result<void> Lexer::read_one() {
    const char c = peek();
    if (is_space(c)) {
        ++at_;
        return {};
    }
    if (is_control(c))
        return refusal("it holds a control character", "leave out control characters, or write them as X'…'");
    // Two dashes start a comment only before a space or at the end: 1--1 is a subtraction.
    if (c == '#' || (starts_with("--") && (at_ + 2 == sql_.size() || is_space(peek(2))))) {
        skip_line();
        return {};
    }
    if (starts_with("/*")) return read_block_comment();
    if (c == '\'' || c == '"') return read_string(c);
    if (c == '`') return read_quoted_name();
    if (c == '@') return read_variable();
    if ((c == 'x' || c == 'X') && peek(1) == '\'' && !touches_dot()) return read_digits_literal(is_hex_digit);
    if ((c == 'b' || c == 'B') && peek(1) == '\'' && !touches_dot())
        return read_digits_literal(is_binary_digit);
    if (c == '.' && is_digit(peek(1))) {
        // `t.1e5` is a name after a plain name and a number after a quoted one; nobody needs either.
        if (at_ > 0 && (is_name_character(sql_[at_ - 1]) || sql_[at_ - 1] == '`'))
            return refusal("a name that starts with a digit follows a dot", "write such a name in backticks");
        return read_number_after_digits(at_);
    }
    if (is_name_character(c)) return read_word_or_number();
    return read_symbol();
}

Result<void> Lexer::read_block_comment() {
    const std::size_t start = at_;
    const bool version_letter = peek(2) == 'M' || peek(2) == 'm';
    if (peek(2) == '!' || (version_letter && peek(3) == '!'))
        return refusal("an executable comment /*! … */ is code in disguise",
                       "write its content as plain SQL or leave it out");
    const auto end = sql_.find("*/", at_ + 2);
    if (end == std::string_view::npos) return refusal("a comment is not closed", "close it with */");
    at_ = end + 2;
    const auto inside = sql_.substr(start + 2, end - start - 2);
    // Servers nest comments by version and mode, so where the inner one ends is anybody's guess.
    if (inside.find("/*") != std::string_view::npos)
        return refusal("a comment holds another comment", "leave out the inner comment");
    if (inside.starts_with('+')) add(Kind::hint, start);
    return {};
}

std::size_t Lexer::end_of_quoted(std::size_t from, char quote, bool backslash_escapes) const {
    for (std::size_t i = from + 1; i < sql_.size(); ++i) {
        if (backslash_escapes && sql_[i] == '\\') {
            ++i;
        } else if (sql_[i] == quote) {
            if (i + 1 >= sql_.size() || sql_[i + 1] != quote) return i;
            ++i;
        }
    }
    return std::string_view::npos;
}

Result<void> Lexer::read_string(char quote) {
    const auto end = end_of_quoted(at_, quote, true);
    if (end == std::string_view::npos)
        return refusal("a string is not closed", "close it, or pass the text in params");
    const auto start = at_;
    at_ = end + 1;
    add(Kind::string, start);
    return {};
}

Result<void> Lexer::read_quoted_name() {
    const auto end = end_of_quoted(at_, '`', false);
    if (end == std::string_view::npos)
        return refusal("a name in backticks is not closed", "close it with a backtick");
    const auto start = at_;
    at_ = end + 1;
    std::string name;
    for (std::size_t i = start + 1; i < end; ++i) {
        name += sql_[i];
        if (sql_[i] == '`') ++i;  // doubled
    }
    add(Kind::quoted_name, start, upper(name));
    return {};
}

Result<void> Lexer::read_variable() {
    const auto start = at_++;
    if (peek() != '@') {
        add(Kind::symbol, start);
        return {};
    }
    ++at_;
    std::string name;
    do {
        if (peek() == '.') name += sql_[at_++];
        const auto part = at_;
        if (peek() == '`') {
            if (auto done = read_quoted_name(); !done) return done.error();
            name += tokens_.back().name;
            tokens_.pop_back();
        } else {
            while (is_name_character(peek())) name += sql_[at_++];
        }
        if (at_ == part) return refusal("@@ is not followed by a name", "write for example @@version");
    } while (peek() == '.');
    add(Kind::system_variable, start, upper(name));
    return {};
}

Result<void> Lexer::read_digits_literal(bool (*is_allowed)(char)) {
    const auto start = at_;
    at_ += 2;
    while (is_allowed(peek())) ++at_;
    if (peek() != '\'')
        return refusal("a literal X'…' or B'…' holds something else than its digits",
                       "pass the value in params");
    ++at_;
    add(Kind::number, start);
    return {};
}

/// A name may start with digits, and servers disagree about what a half-written number is; so a number has to
/// be whole, and something else than a letter has to follow it.
Result<void> Lexer::read_word_or_number() {
    const auto start = at_;
    const bool after_dot = touches_dot();
    while (is_name_character(peek())) ++at_;
    const auto run = sql_.substr(start, at_ - start);
    const auto all = [](std::string_view text, bool (*test)(char)) {
        return !text.empty() && std::all_of(text.begin(), text.end(), test);
    };
    const bool prefixed = (run.starts_with("0x") && all(run.substr(2), is_hex_digit)) ||
                          (run.starts_with("0b") && all(run.substr(2), is_binary_digit));
    if (prefixed && !after_dot) {
        add(Kind::number, start);
        return {};
    }
    const auto digits = std::min(run.find_first_not_of("0123456789"), run.size());
    if (digits > 0 && !after_dot) {
        const bool exponent = digits < run.size() && (run[digits] == 'e' || run[digits] == 'E');
        const char sign = digits + 1 < run.size() ? run[digits + 1] : peek();
        const bool sure_number =
            digits == run.size() || (exponent && (is_digit(sign) || sign == '+' || sign == '-'));
        if (sure_number) {
            at_ = start + digits;
            return read_number_after_digits(start);
        }
    }
    // Some servers read $$ and $tag$ as quotes.
    if (run.front() == '$') {
        const bool numbered = all(run.substr(1), is_digit);
        return refusal(
            "a name starts with a dollar sign",
            numbered ? use_question_marks
                     : "write such a name in backticks, or ? for a value, and give the value in params");
    }
    add(Kind::word, start, upper(run), after_dot);
    return {};
}

/// From the end of the digits before the point on: fraction and exponent.
Result<void> Lexer::read_number_after_digits(std::size_t start) {
    if (peek() == '.') {
        ++at_;
        while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
        ++at_;
        if (peek() == '+' || peek() == '-') ++at_;
        if (!is_digit(peek()))
            return refusal("a number's exponent has no digits",
                           "write the number in full, for example 1.5e3");
        while (is_digit(peek())) ++at_;
    }
    if (is_name_character(peek()))
        return refusal("a number and a word are written together", "put a space between them");
    add(Kind::number, start);
    return {};
}

Result<void> Lexer::read_symbol() {
    const char c = peek();
    if (starts_with(":=")) {
        at_ += 2;
        add(Kind::symbol, at_ - 2);
        return {};
    }
    if (starts_with("\\N")) {
        at_ += 2;
        add(Kind::number, at_ - 2);
        return {};
    }
    if (c == '\\') return refusal("a backslash stands outside of a string", "leave it out");
    if (std::string_view("(){},.;*+-/%=<>!~^&|?").find(c) == std::string_view::npos) {
        // A label and a time of day have the colon right behind a word.
        const bool named_value =
            c == ':' && is_name_character(peek(1)) && (at_ == 0 || !is_name_character(sql_[at_ - 1]));
        return refusal(std::string("unknown character ") + c,
                       named_value ? use_question_marks : "write plain MySQL or MariaDB syntax");
    }
    const auto start = at_++;
    add(c == '?' ? Kind::placeholder : Kind::symbol, start);
    return {};
}

bool Lexer::touches_dot() const {
    return at_ > 0 && !tokens_.empty() && tokens_.back().is_symbol('.') && sql_[at_ - 1] == '.';
}

}  // namespace

bool is_name_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

Result<std::vector<SqlToken>> lex_sql(std::string_view sql) {
    if (sql.size() > sql_bytes_max)
        return refusal(
            "expected at most " + std::to_string(sql_bytes_max) + " bytes, got " + std::to_string(sql.size()),
            "ask in several smaller statements");
    if (sql.find('\0') != std::string_view::npos)
        return refusal("it holds a NUL byte", "pass such a value in params");
    if (!is_utf8(sql)) return refusal("it is no valid UTF-8", "send UTF-8; write other bytes as X'…'");
    return Lexer(sql).read();
}

}  // namespace casefile::policy
