#include "policy/sql_literals.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "policy/word_list.h"

namespace casefile::policy {
namespace {

using Kind = SqlToken::Kind;

constexpr MaskLabel secret = "secret";
/// Between a column and the literals that it is compared with.
constexpr WordList comparing = "NOT LIKE BETWEEN REGEXP RLIKE BINARY IS ESCAPE";
/// Before these a value begins, so that no column is on its left.
constexpr WordList before_values =
    "SELECT DISTINCT WHERE AND OR XOR ON HAVING WHEN THEN ELSE CASE BY VALUES SET USING ALL ANY SOME EXISTS "
    "AS";
constexpr std::size_t names_max = 64;

bool is_literal(const SqlToken& token) { return token.kind == Kind::string || token.kind == Kind::number; }

bool is_introducer(const SqlToken& token) {
    return token.kind == Kind::word && token.name.size() > 1 && token.name.front() == '_';
}

bool is_comparison(const SqlToken& token) {
    return token.is_symbol('=') || token.is_symbol('<') || token.is_symbol('>') || token.is_symbol('!');
}

bool is_hexadecimal(std::string_view text) {
    return text.starts_with("0x") || text.starts_with("X'") || text.starts_with("x'");
}

std::string from_hexadecimal(std::string_view digits) {
    const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    std::string padded = digits.size() % 2 == 0 ? std::string(digits) : "0" + std::string(digits);
    std::string out;
    for (std::size_t i = 0; i + 1 < padded.size(); i += 2)
        out += static_cast<char>(value(padded[i]) * 16 + value(padded[i + 1]));
    return out;
}

class Literals {
  public:
    Literals(SqlTokens tokens, const MaskRules& rules) : tokens_(tokens), rules_(rules) {
        for (const auto& token : tokens_)
            if (token.is_name() && names_.size() < names_max) names_.insert(written_name(token));
        mentions_ =
            std::ranges::any_of(tokens_, [&](const SqlToken& token) { return !label_of(token).empty(); });
        if (mentions_) find_columns();
    }

    bool mentions() const { return mentions_; }

    /// What the literal at `i` is masked as because of its place; empty when it may be shown.
    MaskLabel label_at(std::size_t i) {
        if (!mentions_) return {};
        const auto* column = compared_before_[i];
        if (column == nullptr) column = compared_after(i);
        if (column != nullptr) return label_of(*column);
        return tokens_[i].kind == Kind::number && is_count(i) ? MaskLabel() : secret;
    }

  private:
    MaskLabel label_of(const SqlToken& token) {
        if (!token.is_name()) return {};
        const auto [known, is_new] = labels_.try_emplace(written_name(token));
        if (is_new) known->second = find_label(known->first);
        return known->second;
    }

    MaskLabel find_label(const std::string& name) const {
        if (const auto label = rules_.of_column(name); !label.empty()) return label;
        for (const auto& parent : names_)
            if (const auto label = rules_.of_column(name, parent); !label.empty()) return label;
        return {};
    }

    /// Tells for each token the column left of the comparison that it would be part of as a literal. One
    /// pass: a list may hold tens of thousands.
    void find_columns() {
        const SqlToken* column = nullptr;
        bool in_list = false, in_brackets = false;  // the latter without IN before them
        compared_before_.reserve(tokens_.size());
        for (std::size_t at = 0; at < tokens_.size(); ++at) {
            compared_before_.push_back(in_brackets ? nullptr : column);
            const auto& token = tokens_[at];
            const bool keyword = token.kind == Kind::word && !token.after_dot;
            if (token.is_symbol(',') || token.is_symbol('(')) {
                in_brackets = !in_list;
            } else if (token.is_word("IN")) {
                in_list = !in_brackets;
            } else if (!is_literal(token) && !is_introducer(token) && !is_comparison(token) &&
                       !(keyword && lists(comparing, token.name)) &&
                       !(token.is_word("AND") && is_between(at))) {
                column = token.is_name() && !(keyword && lists(before_values, token.name)) ? &token : nullptr;
                in_list = in_brackets = false;
            }
        }
    }

    const SqlToken* compared_after(std::size_t i) const {
        auto at = i + 1;
        if (at >= tokens_.size() || !is_comparison(tokens_[at])) return nullptr;
        while (at < tokens_.size() && is_comparison(tokens_[at])) ++at;
        if (at >= tokens_.size() || !tokens_[at].is_name()) return nullptr;
        while (at + 2 < tokens_.size() && tokens_[at + 1].is_symbol('.') && tokens_[at + 2].is_name())
            at += 2;
        const bool call = at + 1 < tokens_.size() && tokens_[at + 1].is_symbol('(');
        return call ? nullptr : &tokens_[at];
    }

    /// `BETWEEN 1 AND`: the AND belongs to the comparison.
    bool is_between(std::size_t at_and) const {
        auto at = at_and;
        while (at > 0 && (is_literal(tokens_[at - 1]) || is_introducer(tokens_[at - 1]))) --at;
        return at > 0 && at < at_and && tokens_[at - 1].is_word("BETWEEN");
    }

    /// How many rows, or how long: no value of any column.
    bool is_count(std::size_t i) const {
        if (tokens_[i].text.size() < 4) return true;
        return i > 0 && (tokens_[i - 1].is_word("LIMIT") || tokens_[i - 1].is_word("OFFSET") ||
                         tokens_[i - 1].is_word("INTERVAL"));
    }

    SqlTokens tokens_;
    const MaskRules& rules_;
    std::set<std::string> names_;
    std::map<std::string, MaskLabel> labels_;  ///< of names, each looked at once
    std::vector<const SqlToken*> compared_before_;
    bool mentions_ = false;
};

/// Words of a text that is no SQL.
bool names_a_mask(std::string_view text, const MaskRules& rules) {
    std::string word;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && is_name_character(text[i])) {
            word += text[i];
            continue;
        }
        if (!word.empty() && !rules.of_column(word).empty()) return true;
        word.clear();
    }
    return false;
}

}  // namespace

std::string written_name(const SqlToken& token) {
    if (token.kind != Kind::quoted_name) return std::string(token.text);
    std::string out;
    for (std::size_t i = 1; i + 1 < token.text.size(); ++i) {
        out += token.text[i];
        if (token.text[i] == '`') ++i;
    }
    return out;
}

std::string literal_bytes(const SqlToken& token) {
    const auto text = token.text;
    if (token.kind == Kind::number) {
        if (!is_hexadecimal(text)) return std::string(text);
        const auto digits = text.substr(2);
        return from_hexadecimal(digits.ends_with('\'') ? digits.substr(0, digits.size() - 1) : digits);
    }
    std::string out;
    const char quote = text.empty() ? '\0' : text.front();
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        const bool escaped = (text[i] == '\\' || text[i] == quote) && i + 2 < text.size();
        out += escaped ? text[++i] : text[i];
    }
    return out;
}

bool names_masked_column(std::string_view sql, const MaskRules& rules) {
    const auto tokens = lex_sql(sql);
    return tokens ? Literals(*tokens, rules).mentions() : names_a_mask(sql, rules);
}

std::string mask_literals(std::string_view sql, const MaskRules& rules, const MaskToken& token) {
    const auto tokens = lex_sql(sql);
    if (!tokens) return names_a_mask(sql, rules) ? token(secret, sql) : mask_shapes(sql, rules, token);
    Literals literals(*tokens, rules);
    std::string out;
    std::size_t done = 0;
    for (std::size_t i = 0; i < tokens->size(); ++i) {
        const auto& one = (*tokens)[i];
        const auto at = static_cast<std::size_t>(one.text.data() - sql.data());
        // Comments stand between the tokens.
        out += mask_shapes(sql.substr(done, at - done), rules, token);
        done = at + one.text.size();
        const auto value = is_literal(one) ? literal_bytes(one) : std::string();
        auto shown = value;
        if (const auto label = is_literal(one) ? literals.label_at(i) : MaskLabel(); !label.empty())
            shown = token(label, value);
        else if (one.kind == Kind::string || is_hexadecimal(one.text))
            shown = mask_payload(value, rules, token);
        out += shown == value ? std::string(one.text) : "'" + printable(shown) + "'";
    }
    return out + mask_shapes(sql.substr(done), rules, token);
}

}  // namespace casefile::policy
