#include "policy/mask_text.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "policy/card_number.h"

namespace casefile::policy {
namespace {

constexpr std::size_t shortest_shape = 8;
constexpr MaskLabel secret = "secret";
constexpr std::string_view masked = "masked:";
/// A token of a part would be that of a shorter guess: letter by letter the whole could be found.
constexpr std::string_view masked_part = "masked:part";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_'; }
bool is_token_character(char c) {
    return is_word(c) || c == '-' || c == '.' || c == '~' || c == '+' || c == '/';
}
bool is_base64url(char c) { return is_word(c) || c == '-'; }

std::size_t run_of(std::string_view text, bool (*belongs)(char)) {
    return static_cast<std::size_t>(std::ranges::find_if_not(text, belongs) - text.begin());
}

/// A part of the text to replace: it begins `before` bytes on, and is `length` long.
struct Found {
    std::size_t before = 0, length = 0;
    MaskLabel label = secret;
    explicit operator bool() const { return length > 0; }
};

struct Prefix {
    std::string_view text;
    std::size_t rest_min;  ///< characters of a token after it
};
constexpr auto service_keys = std::to_array<Prefix>({
    {"sk_live_", 16}, {"sk_test_", 16}, {"rk_live_", 16}, {"rk_test_", 16},    {"ghp_", 30},   {"gho_", 30},
    {"ghu_", 30},     {"ghs_", 30},     {"ghr_", 30},     {"github_pat_", 30}, {"glpat-", 16}, {"xoxb-", 20},
    {"xoxp-", 20},    {"xoxa-", 20},    {"xoxr-", 20},    {"xoxs-", 20},       {"AKIA", 16},   {"ASIA", 16},
    {"AIza", 30},     {"npm_", 30},     {"sk-", 32},      {"SG.", 40},         {"whsec_", 24},
});

/// What the prefixes begin with: most words begin with none of them.
constexpr auto begins_service_key = [] {
    std::array<bool, 256> letters{};
    for (const auto& one : service_keys) letters[static_cast<unsigned char>(one.text.front())] = true;
    return letters;
}();

Found find_service_key(std::string_view text) {
    if (!begins_service_key[static_cast<unsigned char>(text.front())]) return {};
    for (const auto& [prefix, rest_min] : service_keys)
        if (text.starts_with(prefix)) {
            const auto rest = run_of(text.substr(prefix.size()), is_base64url);
            if (rest >= rest_min) return {0, prefix.size() + rest};
        }
    return {};
}

/// Header, claims and signature, each in base64url; the first two begin with `{"`.
Found find_web_token(std::string_view text) {
    if (!text.starts_with("eyJ")) return {};
    const auto header = run_of(text, is_base64url);
    if (header < 10 || text.substr(header, 4) != ".eyJ") return {};
    const auto claims = run_of(text.substr(header + 1), is_base64url);
    auto length = header + 1 + claims;
    if (length < text.size() && text[length] == '.')
        length += 1 + run_of(text.substr(length + 1), is_base64url);
    return {0, length};
}

Found find_private_key(std::string_view text) {
    constexpr std::string_view begin = "-----BEGIN ", kind = "PRIVATE KEY", end = "-----END ";
    if (!text.starts_with(begin)) return {};
    const auto first_line = text.substr(0, 80);
    if (first_line.find(kind) == std::string_view::npos) return {};
    const auto closing = text.find(end);
    if (closing == std::string_view::npos) return {0, text.size()};
    const auto dashes = text.find("-----", closing + end.size());
    return {0, dashes == std::string_view::npos ? text.size() : dashes + 5};
}

/// `Bearer abc…`; and `Basic abc…` after "Authorization:".
Found find_authorization(std::string_view text, std::string_view before) {
    if (text.front() != 'b' && text.front() != 'B') return {};
    for (const std::string_view scheme : {"bearer ", "basic "}) {
        if (!equals_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
        const auto value = text.substr(scheme.size());
        auto length = run_of(value, is_token_character);
        while (length < value.size() && value[length] == '=') ++length;
        const auto just_before =
            lower(before.substr(before.size() - std::min<std::size_t>(before.size(), 20)));
        const bool in_header = just_before.find("authorization") != std::string::npos;
        if (in_header ? length > 0 : scheme == "bearer " && length >= 16) return {scheme.size(), length};
    }
    return {};
}

/// The password of scheme://user:password@host.
Found find_url_password(std::string_view text) {
    constexpr std::string_view slashes = "://";
    if (!text.starts_with(slashes)) return {};
    const auto authority =
        text.substr(slashes.size(), text.find_first_of("/?# \t\r\n\"'<>", slashes.size()) - slashes.size());
    const auto at = authority.rfind('@');
    const auto colon = authority.find(':');
    if (at == std::string_view::npos || colon == std::string_view::npos || colon + 1 >= at) return {};
    return {slashes.size() + colon + 1, at - colon - 1};
}

/// `password=hunter2`, as in logs, forms and queries of URLs.
Found find_assignment(std::string_view text, const MaskRules& rules) {
    const auto name = run_of(text, [](char c) { return is_word(c) || c == '-'; });
    if (name < 3 || name > 40 || name + 1 >= text.size() || text[name] != '=') return {};
    const auto label = rules.of_field(text.substr(0, name));
    if (label.empty()) return {};
    auto value = text.substr(name + 1);
    std::size_t before = name + 1;
    if (value.front() == '\'' || value.front() == '"') {
        const auto close = value.find(value.front(), 1);
        value = value.substr(1, close == std::string_view::npos ? close : close - 1);
        ++before;
    } else {
        value = value.substr(0, value.find_first_of(" \t\r\n&;,)]}\"'<>"));
    }
    return {before, value.size(), label};
}

class ShapeMasker {
  public:
    ShapeMasker(std::string_view text, const MaskRules& rules, const MaskToken& token)
        : text_(text), rules_(rules), token_(token) {}

    std::string run() {
        for (std::size_t at = 0; at < text_.size();) {
            const auto found = find(at);
            if (!found) {
                ++at;
                continue;
            }
            const auto from = at + found.before;
            const auto value = text_.substr(from, found.length);
            if (!value.starts_with(masked)) {
                out_ += text_.substr(done_, from - done_);
                out_ += token_(found.label, value);
                done_ = from + found.length;
            }
            at = from + found.length;
        }
        return done_ == 0 ? std::string(text_) : std::move(out_) + std::string(text_.substr(done_));
    }

  private:
    Found find(std::size_t at) const {
        const auto rest = text_.substr(at);
        const char c = rest.front();
        if (c == ':') return find_url_password(rest);
        if (c == '-') return find_private_key(rest);
        const bool starts_word = at == 0 || !is_word(text_[at - 1]);
        if (!starts_word || !is_word(c)) return {};
        if (is_digit(c)) {
            const auto length = card_number_length(rest);
            const bool of_a_number =
                at > 0 && (text_[at - 1] == '.' || text_[at - 1] == '-' || text_[at - 1] == '+');
            return {0, of_a_number ? 0 : length, "card"};
        }
        // A token stays as it is, and whatever its digits spell.
        if (c == 'm' && rest.starts_with(masked))
            return {0, run_of(rest, [](char d) { return is_word(d) || d == ':'; })};
        if (const auto found = find_web_token(rest)) return found;
        if (const auto found = find_service_key(rest)) return found;
        if (const auto found = find_authorization(rest, text_.substr(0, at))) return found;
        return find_assignment(rest, rules_);
    }

    std::string_view text_;
    const MaskRules& rules_;
    const MaskToken& token_;
    std::string out_;
    std::size_t done_ = 0;
};

/// Walks JSON, whole or cut off. What it does not replace stays as it is, byte by byte.
class JsonMasker {
  public:
    JsonMasker(std::string_view text, const MaskRules& rules, const MaskToken& token, std::size_t depth)
        : text_(text), rules_(rules), token_(token), depth_(depth) {}

    std::string run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"')
                take_string();
            else if (c == '{' || c == '[')
                open();
            else if (c == '}' || c == ']')
                close();
            else if (c == ',')
                next();
            else if (is_digit(c) || c == '-')
                take_number();
            else
                ++at_;
        }
        return done_ == 0 ? std::string(text_) : std::move(out_) + std::string(text_.substr(done_));
    }

  private:
    struct Level {
        std::string name;     ///< of the member that holds this object or array
        MaskLabel inherited;  ///< of everything within
    };

    void open() {
        const auto inherited = label();
        levels_.push_back({name_.empty() && !levels_.empty() ? levels_.back().name : name_, inherited});
        next();
    }
    void close() {
        if (!levels_.empty()) levels_.pop_back();
        next();
    }
    void next() {
        name_.clear();
        label_ = {};
        ++at_;
    }
    /// Puts `shown` in the place of what begins at `from` and ends here.
    void replace(std::size_t from, std::string_view shown) {
        out_ += text_.substr(done_, from - done_);
        out_ += shown;
        done_ = at_;
    }
    MaskLabel label() const { return !label_.empty() || levels_.empty() ? label_ : levels_.back().inherited; }

    void take_string() {
        const auto from = at_;
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
        end = std::min(end, text_.size());
        const auto raw = text_.substr(at_ + 1, end - at_ - 1);
        const bool closed = end < text_.size();
        at_ = end + (closed ? 1 : 0);
        std::string unescaped;
        const auto value = decoded(raw, unescaped);
        if (closed && is_name()) {
            name_ = value;
            label_ = rules_.of_field(name_, levels_.empty() ? std::string_view() : levels_.back().name);
            return;
        }
        if (label().empty() && !may_hold_secret(value) && value.find('"') == std::string_view::npos) return;
        const auto shown = label().empty() ? inner(value)
                           : closed        ? token_unless_masked(value)
                                           : std::string(masked_part);
        if (shown == value) return;
        std::string quoted;
        append_json_string(quoted, is_utf8(shown) ? shown : printable(shown, true));
        if (!closed) quoted.pop_back();
        replace(from, quoted);
    }

    /// A string before a colon names a member.
    bool is_name() const {
        const auto colon = text_.find_first_not_of(" \t\r\n", at_);
        return colon != std::string_view::npos && text_[colon] == ':';
    }

    std::string token_unless_masked(std::string_view value) const {
        return value.starts_with(masked) ? std::string(value) : token_(label(), value);
    }

    /// JSON within a string of JSON is masked as well.
    std::string inner(std::string_view value) const {
        if (depth_ > 0 && value.find('"') != std::string_view::npos) {
            const auto first = value.find_first_not_of(" \t\r\n");
            if (first != std::string_view::npos && (value[first] == '{' || value[first] == '['))
                return JsonMasker(value, rules_, token_, depth_ - 1).run();
        }
        return mask_shapes(value, rules_, token_);
    }

    void take_number() {
        const auto length = std::max<std::size_t>(1, run_of(text_.substr(at_), [](char c) {
                                                      return is_digit(c) || c == '-' || c == '+' ||
                                                             c == '.' || c == 'e' || c == 'E';
                                                  }));
        const auto from = at_;
        at_ += length;
        if (label().empty()) return;
        const bool cut_off = at_ == text_.size();
        const auto number = text_.substr(from, length);
        replace(from, '"' + (cut_off ? std::string(masked_part) : token_(label(), number)) + '"');
    }

    /// What a string stands for: itself, or `unescaped`.
    static std::string_view decoded(std::string_view raw, std::string& unescaped) {
        if (raw.find('\\') == std::string_view::npos) return raw;
        const auto value = parse_json('"' + std::string(raw) + '"');
        if (!value || !value->is_string()) return raw;
        unescaped = value->get_string();
        return unescaped;
    }

    std::string_view text_;
    const MaskRules& rules_;
    const MaskToken& token_;
    std::size_t depth_;
    std::size_t at_ = 0, done_ = 0;  ///< `out_` stands for what is before `done_`
    std::string out_, name_;
    MaskLabel label_;
    std::vector<Level> levels_;
};

constexpr std::size_t json_within_json_max = 4;

bool begins_json(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

/// A quote, and then a colon: some member of JSON, wherever the rest is.
bool holds_member(std::string_view text) {
    for (auto at = text.find('"'); at != std::string_view::npos; at = text.find('"', at + 1)) {
        const auto next = text.find_first_not_of(" \t\r\n", at + 1);
        if (next != std::string_view::npos && text[next] == ':') return true;
    }
    return false;
}

}  // namespace

bool may_hold_secret(std::string_view text) {
    constexpr std::size_t card_digits_min = 13, token_min = 16;
    if (text.size() < shortest_shape) return false;
    std::size_t digits = 0, run = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_digit(c))
            ++digits;
        else if (c != ' ' && c != '-')
            digits = 0;
        run = is_base64url(c) ? run + 1 : 0;
        // A member, an assignment, a password in a URL, a card number, or anything of a token's length.
        const bool marks =
            c == '"' || c == '=' || (c == '/' && i >= 2 && text[i - 1] == '/' && text[i - 2] == ':');
        if (marks || digits >= card_digits_min || run >= token_min) return true;
        if (c == ' ' && i >= 5 &&
            (text[i - 1] == 'r' || text[i - 1] == 'R' || text[i - 1] == 'c' || text[i - 1] == 'C')) {
            const auto word = lower(text.substr(i - 5, 5));
            if (word == "earer" || word == "basic") return true;
        }
        if (c == '-' && i >= 4 && text.substr(i - 4, 5) == "-----") return true;
        if (c == 'J' && i >= 2 && text[i - 1] == 'y' && text[i - 2] == 'e') return true;
    }
    return false;
}

std::string mask_shapes(std::string_view text, const MaskRules& rules, const MaskToken& token) {
    if (!may_hold_secret(text)) return std::string(text);
    return ShapeMasker(text, rules, token).run();
}

std::string mask_payload(std::string_view text, const MaskRules& rules, const MaskToken& token) {
    if (!may_hold_secret(text)) return std::string(text);
    if (begins_json(text)) return JsonMasker(text, rules, token, json_within_json_max).run();
    if (!holds_member(text)) return mask_shapes(text, rules, token);
    return mask_shapes(JsonMasker(text, rules, token, json_within_json_max).run(), rules, token);
}

std::string mask_fragment(std::string_view text, const MaskRules& rules, const MaskToken& token) {
    if (text.empty()) return {};
    const std::string cut(masked_part);
    const auto quote = text.find('"');
    if (quote == std::string_view::npos) return cut;
    const auto after = text.find_first_not_of(" \t\r\n", quote + 1);
    // Closing, when what follows can only stand between two values.
    const bool closes = after == std::string_view::npos ||
                        std::string_view(",:}]").find(text[after]) != std::string_view::npos;
    auto rest = text.substr(closes ? quote + 1 : quote);
    if (closes && after != std::string_view::npos && text[after] == ':') {
        // Of this member only a part of the name is here, so its value goes too.
        rest = text.substr(after + 1);
        auto end = std::min(rest.find_first_of(",}"), rest.size());
        const auto open = rest.find('"');
        if (open != std::string_view::npos && open < end)
            for (end = open + 1; end < rest.size() && rest[end] != '"';) end += rest[end] == '\\' ? 2 : 1;
        rest =
            rest.substr(std::min(rest.size(), open != std::string_view::npos && open < end ? end + 1 : end));
    }
    return (quote == 0 && !closes ? "" : cut) + mask_payload(rest, rules, token);
}

}  // namespace casefile::policy
