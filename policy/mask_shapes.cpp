#include "policy/mask_shapes.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "policy/card_number.h"

namespace casefile::policy {
namespace {

constexpr std::size_t shortest_shape = 8;
constexpr MaskLabel secret = "secret";

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr auto word_characters = [] {
    std::array<bool, 256> out{};
    for (int c = 0; c < 256; ++c) {
        const char letter = static_cast<char>(c);
        out[static_cast<std::size_t>(c)] = is_digit(letter) || is_letter(letter) || letter == '_';
    }
    return out;
}();
constexpr bool is_word(char c) { return word_characters[static_cast<unsigned char>(c)]; }
bool is_token_character(char c) {
    return is_word(c) || c == '-' || c == '.' || c == '~' || c == '+' || c == '/';
}
constexpr bool is_base64url(char c) { return is_word(c) || c == '-'; }

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

/// What a shape begins with that no assignment makes: most words begin with another letter.
constexpr auto begins_shape = [] {
    std::array<bool, 256> letters{};
    for (const auto& one : service_keys) letters[static_cast<unsigned char>(one.text.front())] = true;
    for (const char c : std::string_view("0123456789embB")) letters[static_cast<unsigned char>(c)] = true;
    return letters;
}();

Found find_service_key(std::string_view text) {
    for (const auto& [prefix, rest_min] : service_keys)
        if (prefix.front() == text.front() && text.starts_with(prefix)) {
            const auto rest = run_of(text.substr(prefix.size()), is_base64url);
            if (rest >= rest_min) return {0, prefix.size() + rest};
        }
    return {};
}

/// Header, claims and signature, each in base64url; the first two begin with `{"`. `header` is how far the
/// first reaches.
Found find_web_token(std::string_view text, std::size_t header) {
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
    // No further than tells that it is too long: of a long run every word between dashes is asked.
    constexpr std::size_t name_min = 3, name_max = 40;
    const auto name = run_of(text.substr(0, name_max + 1), [](char c) { return is_word(c) || c == '-'; });
    if (name < name_min || name > name_max || name + 1 >= text.size() || text[name] != '=') return {};
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
        : text_(text), rules_(rules), token_(token), assigns_(text.find('=') != std::string_view::npos) {}

    /// Nothing where the text stays as it is.
    std::optional<std::string> run() {
        for (std::size_t at = 0; at < text_.size();) {
            const auto found = find(at);
            if (!found) {
                at = after_nothing(at);
                continue;
            }
            const auto from = at + found.before;
            const auto value = text_.substr(from, found.length);
            if (!value.starts_with(masked_prefix)) {
                out_ += text_.substr(done_, from - done_);
                out_ += token_(found.label, value);
                done_ = from + found.length;
            }
            at = from + found.length;
        }
        if (done_ == 0) return std::nullopt;
        return std::move(out_.append(text_.substr(done_)));
    }

  private:
    /// Where something may begin next: not within a word.
    std::size_t after_nothing(std::size_t at) const {
        const bool of_word = is_word(text_[at]);
        do ++at;
        while (of_word && at < text_.size() && is_word(text_[at]));
        return at;
    }

    /// How far base64url reaches from `at` on. Kept: of a long run every word between dashes asks. Not a part
    /// of find(), which is asked of every word and would take a tenth longer.
    [[gnu::noinline]] std::size_t token_run(std::size_t at) {
        if (at >= token_run_end_) token_run_end_ = at + run_of(text_.substr(at), is_base64url);
        return token_run_end_ - at;
    }

    Found find(std::size_t at) {
        const auto rest = text_.substr(at);
        const char c = rest.front();
        // What was replaced may have ended within a word.
        if (at > 0 && is_word(c) && is_word(text_[at - 1])) return {};
        if (c == ':') return find_url_password(rest);
        if (c == '-') return find_private_key(rest);
        if (!is_word(c) || !(assigns_ || begins_shape[static_cast<unsigned char>(c)])) return {};
        if (is_digit(c)) {
            const auto length = card_number_length(rest);
            const bool of_a_number =
                at > 0 && (text_[at - 1] == '.' || text_[at - 1] == '-' || text_[at - 1] == '+');
            return {0, of_a_number ? 0 : length, "card"};
        }
        // A token stays as it is, and whatever its digits spell.
        if (c == 'm' && rest.starts_with(masked_prefix))
            return {0, run_of(rest, [](char d) { return is_word(d) || d == ':'; })};
        if (rest.starts_with("eyJ"))
            if (const auto found = find_web_token(rest, token_run(at))) return found;
        if (const auto found = find_service_key(rest)) return found;
        if (const auto found = find_authorization(rest, text_.substr(0, at))) return found;
        return assigns_ ? find_assignment(rest, rules_) : Found{};
    }

    std::string_view text_;
    const MaskRules& rules_;
    const MaskToken& token_;
    const bool assigns_;  ///< without the sign nothing is assigned
    std::string out_;
    std::size_t done_ = 0;
    std::size_t token_run_end_ = 0;
};

/// A member, an assignment, a password in a URL, a scheme of authorization, a private key, a web token.
bool betrays(std::string_view text, std::size_t i) {
    switch (text[i]) {
        case '"':
        case '=':
            return true;
        case '/':
            return i >= 2 && text[i - 1] == '/' && text[i - 2] == ':';
        case ' ': {
            if (i < 5) return false;
            const auto word = text.substr(i - 5, 5);
            return equals_ignoring_case(word, "earer") || equals_ignoring_case(word, "basic");
        }
        case '-':
            return i >= 4 && text.substr(i - 4, 5) == "-----";
        case 'J':
            return i >= 2 && text[i - 1] == 'y' && text[i - 2] == 'e';
        default:
            return false;
    }
}

}  // namespace

bool may_hold_secret(std::string_view text) {
    // Two counters in one number, each of which a character lengthens, leaves alone or ends: in the low half
    // characters of a token, in the upper half digits with blanks and dashes between them. A character that
    // may betray sets the highest bit.
    constexpr std::uint32_t token_min = 16, card_digits_min = 13, one_digit = 1U << 16;
    constexpr std::uint32_t look_closer = 1U << 31, run_bits = one_digit - 1;
    constexpr std::uint32_t digits_bits = ~(run_bits | look_closer);
    struct Step {
        std::uint32_t add = 0, keep = 0;
    };
    static constexpr auto steps = [] {
        std::array<Step, 256> out{};
        for (int c = 0; c < 256; ++c) {
            const char letter = static_cast<char>(c);
            auto& step = out[static_cast<std::size_t>(c)];
            if (is_base64url(letter)) step = {.add = 1, .keep = run_bits};
            if (is_digit(letter)) step = {.add = one_digit + 1, .keep = run_bits | digits_bits};
            if (letter == ' ' || letter == '-') step.keep |= digits_bits;
            if (std::string_view(" -\"=/J").find(letter) != std::string_view::npos) {
                step.add += look_closer;
                step.keep |= look_closer;
            }
        }
        return out;
    }();
    // With it added, a counter that reached its least length has a bit above the lowest four.
    constexpr std::uint32_t up_to_sixteen = (token_min - card_digits_min) * one_digit;
    constexpr std::uint32_t told = ~(15 * one_digit + 15);
    if (text.size() < shortest_shape) return false;
    std::uint32_t counters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto& step = steps[static_cast<unsigned char>(text[i])];
        counters = (counters + step.add) & step.keep;
        const auto reached = (counters + up_to_sixteen) & told;
        if (reached == 0) continue;
        // A card number, or anything of a token's length; then what may betray.
        if (reached != look_closer || betrays(text, i)) return true;
        counters &= ~look_closer;
    }
    return false;
}

std::optional<std::string> mask_shapes_if_needed(std::string_view text, const MaskRules& rules,
                                                 const MaskToken& token) {
    if (!may_hold_secret(text)) return std::nullopt;
    return ShapeMasker(text, rules, token).run();
}

std::string mask_shapes(std::string_view text, const MaskRules& rules, const MaskToken& token) {
    return mask_shapes_if_needed(text, rules, token).value_or(std::string(text));
}

}  // namespace casefile::policy
