#include "base/text.h"
#include "policy/sql_lexer.h"
#include "policy/sql_statement.h"

namespace casefile::policy {
namespace {

/// Needs no escaping whatever the session's modes are, and uses an index like a quoted string does.
std::string text_literal(std::string_view text) { return "_utf8mb4 X'" + to_hex(text) + "'"; }

/// A sign comes in brackets, so that `a-?` does not become the comment `a--5`.
std::string number_literal(const std::string& digits) {
    return digits.starts_with('-') ? "(" + digits + ")" : digits;
}

Result<std::string> literal(const json::value& value, std::size_t index) {
    const auto place = "params[" + std::to_string(index) + "]: ";
    switch (value.kind()) {
        case json::kind::null:
            return std::string("NULL");
        case json::kind::bool_:
            return std::string(value.get_bool() ? "TRUE" : "FALSE");
        case json::kind::string:
            if (!is_utf8(value.get_string()))
                return invalid(place + "expected UTF-8", "write other bytes as X'…' in sql");
            return text_literal(value.get_string());
        case json::kind::int64:
            return number_literal(std::to_string(value.get_int64()));
        case json::kind::uint64:
            return number_literal(std::to_string(value.get_uint64()));
        case json::kind::double_:
            return number_literal(canonical(value));
        case json::kind::array:
        case json::kind::object:
            break;
    }
    return invalid(place + "expected a string, number, boolean or null, got " + std::string(type_name(value)),
                   "write one ? for each item of a list, as in IN (?, ?)");
}

/// Keeps a literal apart from the name, number or string that touches it.
bool would_join(char c) { return is_name_character(c) || c == '.' || c == '\'' || c == '"' || c == '`'; }

}  // namespace

Result<std::string> bind_parameters(std::string_view sql, const json::array& params) {
    const auto tokens = lex_sql(sql);
    if (!tokens) return tokens.error();
    std::string bound;
    std::size_t done = 0;
    std::size_t used = 0;
    for (const auto& token : *tokens) {
        if (token.kind != SqlToken::Kind::placeholder) continue;
        if (used < params.size()) {
            auto text = literal(params[used], used);
            if (!text) return text.error();
            const auto at = static_cast<std::size_t>(token.text.data() - sql.data());
            bound += sql.substr(done, at - done);
            done = at + 1;
            if (!bound.empty() && would_join(bound.back())) bound += ' ';
            bound += *text;
            if (done < sql.size() && would_join(sql[done])) bound += ' ';
        }
        ++used;
    }
    if (used != params.size())
        return invalid("params: expected one value for each of " + std::to_string(used) +
                           " placeholders, got " + std::to_string(params.size()),
                       "write a ? in sql for each value, outside of quotes and comments");
    bound += sql.substr(done);
    return bound;
}

}  // namespace casefile::policy
