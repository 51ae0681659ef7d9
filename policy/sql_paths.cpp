#include "policy/sql_paths.h"

#include <algorithm>

#include "base/text.h"
#include "policy/sql_literals.h"
#include "policy/sql_scan.h"

namespace casefile::policy {
namespace {

using Kind = SqlToken::Kind;

constexpr std::string_view blanks = " \t\n\v\f\r";

std::string_view trimmed(std::string_view text) {
    const auto begin = std::min(text.size(), text.find_first_not_of(blanks));
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// The text that begins at `i`; servers join those that follow one another. Moves `i` to the last of them.
std::string joined_text(SqlTokens tokens, std::size_t& i) {
    auto text = literal_bytes(tokens[i]);
    while (tokens[i].kind == Kind::string && i + 1 < tokens.size() && tokens[i + 1].kind == Kind::string)
        text += literal_bytes(tokens[++i]);
    return text;
}

/// Without the mode that may stand before a path: `lax $.a`.
std::string_view without_mode(std::string_view text) {
    text = trimmed(text);
    for (const std::string_view mode : {"LAX", "STRICT"})
        if (upper(text.substr(0, mode.size())) == mode) return trimmed(text.substr(mode.size()));
    return text;
}

/// One leg of a path into JSON, such as `"password"` or `items[*]`, as the name of a member.
std::string name_of_leg(std::string_view leg) {
    leg = trimmed(leg.substr(0, leg.find('[')));
    if (leg.size() >= 2 && leg.starts_with('"') && leg.ends_with('"')) leg = leg.substr(1, leg.size() - 2);
    return std::string(leg);
}

}  // namespace

Verdict judge_paths(SqlTokens tokens, const MaskRules& rules) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].kind != Kind::string && tokens[i].kind != Kind::number) continue;
        const auto text = joined_text(tokens, i);
        const auto path = without_mode(text);
        if (!path.starts_with('$')) continue;
        const auto legs = split(path, '.');
        for (std::size_t leg = 1; leg < legs.size(); ++leg) {
            const auto name = name_of_leg(legs[leg]);
            const bool last = leg + 1 == legs.size();
            // '$.' is what CONCAT() makes any path of; '$5.' is a text.
            const bool unfinished = name.empty() && (path[1] == '.' || path[1] == '[');
            const bool any_member = last && (name == "*" || unfinished);
            if (!any_member && rules.of_field(name).empty()) continue;
            return refuse_sql(
                "the path " + shorten(printable(path), 80) + " takes a member out of JSON that " +
                    (any_member ? "may be masked" : "is masked"),
                "select the whole document, whose members are masked by name, or name another one");
        }
    }
    return Verdict::yes();
}

}  // namespace casefile::policy
