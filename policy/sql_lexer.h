#pragma once
// Reads the tokens of MySQL and MariaDB, in the modes that sql_statement.h assumes. Where the two servers or
// their versions would cut a text differently, the text is refused: a token seen here is one everywhere.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace casefile::policy {

/// Longer statements are refused.
constexpr std::size_t sql_bytes_max = 1'048'576;

struct SqlToken {
    enum class Kind {
        word,             ///< a keyword or an unquoted name
        quoted_name,      ///< `name`
        string,           ///< '…' or "…", without an introducer: that is a word before it
        number,           ///< also 0x…, X'…', 0b…, B'…', and NULL written as \N
        system_variable,  ///< @@name, @@scope.name
        placeholder,      ///< ?
        hint,             ///< /*+ … */
        symbol,           ///< one character of punctuation, or :=
    };
    Kind kind;
    std::string_view text;   ///< as written; lives as long as the statement
    std::string name;        ///< of words, names and variables: without quotes and @@, in upper case (ASCII)
    bool after_dot = false;  ///< follows a dot without a space: always a name, whatever the word

    bool is_symbol(char symbol) const { return kind == Kind::symbol && text.front() == symbol; }
    /// A keyword, as far as position can tell.
    bool is_word(std::string_view upper_case) const {
        return kind == Kind::word && !after_dot && name == upper_case;
    }
    bool is_name() const { return kind == Kind::word || kind == Kind::quoted_name; }
};

using SqlTokens = std::span<const SqlToken>;

/// Comments are left out, optimizer hints are not. Refuses (`denied`) executable comments, bytes that are no
/// UTF-8, control characters, whatever is unterminated, and everything unknown.
Result<std::vector<SqlToken>> lex_sql(std::string_view sql);

/// A character that an unquoted name may hold; bytes beyond ASCII are parts of one.
bool is_name_character(char c);

}  // namespace casefile::policy
