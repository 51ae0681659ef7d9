#include "tools/redis/key_patterns.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::redis {
namespace {

constexpr std::size_t long_hexadecimal = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hexadecimal(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// 8-4-4-4-12 hexadecimal digits.
bool begins_with_uuid(std::string_view text) {
    if (text.size() < 36) return false;
    for (std::size_t i = 0; i < 36; ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hexadecimal(text[i])) return false;
    }
    return text.size() == 36 || !is_hexadecimal(text[36]);
}

/// Length of the identifier that `text` begins with, 0 for none. `inside` a word only digits count.
std::size_t identifier_length(std::string_view text, bool inside) {
    if (!inside && begins_with_uuid(text)) return 36;
    const auto run = [&](auto belongs) {
        return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), belongs) - text.begin());
    };
    const auto hexadecimal = run(is_hexadecimal);
    const bool whole_word = hexadecimal == text.size() || !is_word(text[hexadecimal]);
    if (!inside && whole_word && hexadecimal >= long_hexadecimal) return hexadecimal;
    return run(is_digit);
}

}  // namespace

std::string template_of(std::string_view key) {
    if (!is_utf8(key)) return "(binary)";
    std::string out;
    bool inside = false;
    for (std::size_t at = 0; at < key.size();) {
        if (const auto length = identifier_length(key.substr(at), inside); length > 0) {
            out += "{id}";
            at += length;
            inside = true;
            continue;
        }
        inside = is_word(key[at]);
        out += key[at++];
    }
    return out;
}

void Patterns::count(std::string_view key, std::int64_t bytes, bool expires) {
    auto name = template_of(key);
    if (!patterns_.contains(name) && patterns_.size() >= patterns_max_) name = "(others)";
    auto& pattern = patterns_[name];
    if (pattern.keys++ == 0) {
        pattern.pattern = name;
        pattern.example = printable(shorten(key, 120));
    }
    pattern.bytes += bytes;
    if (!expires) ++pattern.never_expire;
}

std::vector<Pattern> Patterns::sorted() const {
    std::vector<Pattern> out;
    for (const auto& [name, pattern] : patterns_) out.push_back(pattern);
    std::stable_sort(out.begin(), out.end(), [](const auto& l, const auto& r) { return l.keys > r.keys; });
    return out;
}

}  // namespace casefile::tools::redis
