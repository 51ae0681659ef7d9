#include "policy/mask_operands.h"

#include "base/text.h"
#include "policy/sql_masks.h"
#include "policy/sql_words.h"
#include "policy/word_list.h"

namespace casefile::policy {
namespace {

using Kind = SqlToken::Kind;

/// A condition can begin after these; what stands before them takes no part in it.
constexpr WordList before_conditions = "WHERE AND OR XOR NOT ON HAVING WHEN THEN ELSE SELECT DISTINCT ALL";
/// It has ended where these follow: none binds closer than `=`.
constexpr WordList after_conditions =
    "AND OR XOR GROUP ORDER LIMIT HAVING WHERE LEFT RIGHT INNER CROSS JOIN NATURAL STRAIGHT_JOIN UNION "
    "EXCEPT "
    "INTERSECT MINUS THEN WHEN ELSE END AS WINDOW FETCH FULL";

bool is_hexadecimal(const SqlToken& token) {
    return token.kind == Kind::number &&
           (token.text.starts_with("X'") || token.text.starts_with("x'") || token.text.starts_with("0x"));
}

bool is_introducer(const SqlToken& token) {
    return token.kind == Kind::word && !token.after_dot && token.name.size() > 1 && token.name.front() == '_';
}

bool is_listed(const SqlToken& token, WordList words) {
    return token.kind == Kind::word && !token.after_dot && lists(words, token.name);
}

}  // namespace

bool MaskOperands::is_masked(std::size_t i) const {
    return i < tokens_.size() && tokens_[i].is_name() && !is_symbol(i + 1, '.') && !is_symbol(i + 1, '(') &&
           columns_.contains(compare_name(tokens_[i].name));
}

SqlRange MaskOperands::name_at(std::size_t i) const {
    auto begin = i;
    while (begin >= 2 && tokens_[begin - 1].is_symbol('.') && tokens_[begin - 2].is_name()) begin -= 2;
    return {begin, i + 1};
}

bool MaskOperands::begins_condition(std::size_t i) const {
    if (i == 0) return false;
    const auto& before = tokens_[i - 1];
    if (before.is_symbol('(') || before.is_symbol(',')) return true;
    return is_listed(before, before_conditions) && !(before.name == "AND" && belongs_to_between(i - 1));
}

/// The first AND after a BETWEEN is its own: what follows it is a bound, and no condition.
bool MaskOperands::belongs_to_between(std::size_t i_and) const {
    std::size_t depth = 0;
    for (auto i = i_and; i-- > 0;) {
        if (is_symbol(i, ')')) ++depth;
        if (is_symbol(i, '(') && depth-- == 0) return false;
        if (depth > 0) continue;
        if (is_word(i, "BETWEEN")) return true;
        if (is_word(i, "AND")) return false;
    }
    return false;
}

bool MaskOperands::ends_condition(std::size_t i) const {
    return i >= tokens_.size() || is_symbol(i, ')') || is_symbol(i, ',') ||
           is_listed(tokens_[i], after_conditions);
}

std::size_t MaskOperands::end_of_text(std::size_t i) const {
    if (i >= tokens_.size()) return i;
    const auto at = is_introducer(tokens_[i]) ? i + 1 : i;
    if (at >= tokens_.size()) return i;
    const auto& token = tokens_[at];
    // A decimal number would be compared with the number that a text begins with.
    const bool text = token.kind == Kind::string || is_hexadecimal(token) || token.kind == Kind::placeholder;
    return text || (at == i && token.is_word("NULL")) ? at + 1 : i;
}

std::size_t MaskOperands::end_of_operand(std::size_t i) const {
    if (const auto end = end_of_text(i); end > i) return end;
    auto last = i;
    while (last + 2 < tokens_.size() && tokens_[last].is_name() && is_symbol(last + 1, '.')) last += 2;
    return is_masked(last) ? last + 1 : i;
}

std::size_t MaskOperands::begin_of_operand(std::size_t end) const {
    if (end == 0) return end;
    if (is_masked(end - 1)) return name_at(end - 1).begin;
    for (const std::size_t length : {2U, 1U})
        if (end >= length && end_of_text(end - length) == end) return end - length;
    return end;
}

bool MaskOperands::is_equality(SqlRange name) const {
    if (!is_symbol(name.end, '=')) return false;
    const auto other = name.end + 1;
    const auto end = end_of_operand(other);
    return end > other && begins_condition(name.begin) && ends_condition(end);
}

bool MaskOperands::is_reversed_equality(SqlRange name) const {
    if (name.begin < 2 || !is_symbol(name.begin - 1, '=')) return false;
    const auto end = name.begin - 1;
    const auto begin = begin_of_operand(end);
    return begin < end && begins_condition(begin) && ends_condition(name.end);
}

/// A list of texts alone.
bool MaskOperands::is_in_texts(std::size_t bracket) const {
    for (auto i = bracket + 1;;) {
        const auto end = end_of_text(i);
        if (end == i) return false;
        if (is_symbol(end, ')')) return true;
        if (!is_symbol(end, ',')) return false;
        i = end + 1;
    }
}

bool MaskOperands::is_left_of_in(std::size_t bracket) const {
    if (bracket < 2 || !is_word(bracket - 1, "IN")) return false;
    const auto before = bracket - (is_word(bracket - 2, "NOT") ? 3 : 2);
    return before < bracket && is_masked(before) && begins_condition(name_at(before).begin);
}

/// SELECT a masked column FROM …: where it stands there it is judged as well.
bool MaskOperands::selects_masked(std::size_t i) const {
    if (!is_word(i, "SELECT")) return false;
    i += is_word(i + 1, "DISTINCT") ? 2 : 1;
    while (i + 2 < tokens_.size() && tokens_[i].is_name() && is_symbol(i + 1, '.')) i += 2;
    return is_masked(i) && is_word(i + 1, "FROM");
}

std::string MaskOperands::why_not(SqlRange name) const {
    if (is_equality(name) || is_reversed_equality(name)) return {};
    auto next = name.end;
    if (is_word(next, "IS") && begins_condition(name.begin)) {
        next += is_word(next + 1, "NOT") ? 2 : 1;
        if (is_word(next, "NULL")) return {};
    }
    next = name.end;
    if (is_word(next, "NOT")) ++next;
    if (is_word(next, "IN") && is_symbol(next + 1, '(') && begins_condition(name.begin)) {
        if (is_in_texts(next + 1)) return {};
        if (selects_masked(next + 2)) return {};
        return "is looked for in something else than a list of texts or the same kind of column";
    }
    if (is_symbol(name.end, '=') || (name.begin > 0 && is_symbol(name.begin - 1, '=')))
        return "is compared with something else than a text or another masked column, or the comparison is "
               "part of "
               "an expression";
    if (next < tokens_.size() && tokens_[next].kind == Kind::word &&
        lists("LIKE REGEXP RLIKE BETWEEN", tokens_[next].name))
        return "is compared with " + tokens_[next].name;
    if (is_symbol(next, '<') || is_symbol(next, '>') || is_symbol(next, '!'))
        return "is compared with another operator than =: write NOT (column = 'text') for <>";
    return "is part of an expression";
}

std::string MaskOperands::function_around(std::size_t i) const {
    std::size_t depth = 0;
    for (auto at = i; at-- > 0;) {
        if (is_symbol(at, ')')) ++depth;
        if (!is_symbol(at, '(') || depth-- > 0) continue;
        if (at == 0 || !tokens_[at - 1].is_name()) return {};
        const auto& before = tokens_[at - 1];
        const bool groups = before.kind == Kind::word && is_word_before_bracket(before.name);
        return groups && !lists("OVER USING", before.name) ? std::string() : before.name;
    }
    return {};
}

}  // namespace casefile::policy
