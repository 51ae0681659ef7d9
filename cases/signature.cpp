#include "cases/signature.h"

#include <set>

#include "base/text.h"

namespace casefile::cases {
namespace {

constexpr std::size_t signature_bytes_max = 300, error_bytes_max = 16'384, words_max = 24;
constexpr std::string_view spaces = " \t\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// Of a trace the last line, which names the error; of anything else the first.
std::string_view telling_line(std::string_view error) {
    const bool trace = error.find("Traceback (most recent call last)") != std::string_view::npos;
    std::string_view found;
    while (!error.empty()) {
        const auto end = std::min(error.find('\n'), error.size());
        const auto line = trim(error.substr(0, end));
        error.remove_prefix(std::min(end + 1, error.size()));
        if (line.empty()) continue;
        found = line;
        if (!trace) break;
    }
    return found;
}

/// Ids of machines: at least eight hexadecimal digits with a digit among them, hyphens allowed between.
bool is_machine_id(std::string_view word) {
    std::size_t digits = 0, hex = 0;
    for (const char c : word) {
        if (c == '-') continue;
        if (!is_hex(c)) return false;
        ++hex;
        digits += is_digit(c) ? 1 : 0;
    }
    return hex >= 8 && digits > 0 && digits < hex;
}

std::string with_numbers_replaced(std::string_view word) {
    std::string out;
    for (std::size_t i = 0; i < word.size();) {
        if (!is_digit(word[i])) {
            out += word[i++];
            continue;
        }
        while (i < word.size() &&
               (is_digit(word[i]) || (word[i] == '.' && i + 1 < word.size() && is_digit(word[i + 1]))))
            ++i;
        out += "<n>";
    }
    return out;
}

std::string normalised(std::string_view word) {
    if (word.find("://") != std::string_view::npos) return "<url>";
    const bool path = (word.starts_with('/') && word.size() > 1) ||
                      word.find(":\\") != std::string_view::npos ||
                      std::count(word.begin(), word.end(), '/') > 1;
    if (path) return "<path>";
    if (word.find('@') != std::string_view::npos) return "<id>";
    const auto core = word.substr(0, word.find_last_not_of(".,;:)") + 1);
    if (is_machine_id(core)) return "<id>" + std::string(word.substr(core.size()));
    return with_numbers_replaced(word);
}

/// Texts in quotes become one word.
std::string without_quoted(std::string_view line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool opens = (c == '\'' || c == '"' || c == '`') &&
                           (i == 0 || !std::isalnum(static_cast<unsigned char>(line[i - 1])));
        const auto end = opens ? line.find(c, i + 1) : std::string_view::npos;
        if (end == std::string_view::npos) {
            out += c;
            continue;
        }
        out += "<text>";
        i = end;
    }
    return out;
}

}  // namespace

std::string signature_of(std::string_view error) {
    const auto line = lower(without_quoted(telling_line(error.substr(0, error_bytes_max))));
    std::string out;
    for (std::size_t at = line.find_first_not_of(spaces); at != std::string::npos;
         at = line.find_first_not_of(spaces, at)) {
        const auto end = std::min(line.find_first_of(spaces, at), line.size());
        out += (out.empty() ? "" : " ") + normalised(std::string_view(line).substr(at, end - at));
        at = end;
    }
    return shorten(printable(out), signature_bytes_max);
}

std::string in_general_words(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto blanks = std::min(text.find_first_not_of(spaces), text.size());
        out += text.substr(0, blanks);
        text.remove_prefix(blanks);
        const auto word = text.substr(0, text.find_first_of(spaces));
        out += word.find('<') == std::string_view::npos ? normalised(word) : std::string(word);
        text.remove_prefix(word.size());
    }
    return out;
}

std::string signature_of(const CaseState& state) {
    const auto sample = string_or(state.fields.framing.value_or(json::object()), "error_sample");
    if (!trim(sample).empty()) return signature_of(sample);
    const auto seen = state.fields.symptoms.value_or(Symptoms{}).actual;
    const auto told = trim(seen).empty() ? state.topic() : seen;
    return signature_of(std::string_view(told));
}

std::vector<std::string> telling_words(const CaseState& state) {
    static const std::set<std::string> empty_words{
        "the", "and", "for",  "with", "that", "this", "from", "are",  "was",  "not",   "but",
        "has", "had", "text", "path", "url",  "into", "its",  "than", "when", "after", "since"};
    const auto all = signature_of(state) + " " + lower(state.topic()) + " " +
                     lower(state.fields.symptoms.value_or(Symptoms{}).actual);
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        const bool telling = word.size() > 2 && empty_words.count(word) == 0 &&
                             word.find_first_not_of("0123456789") != std::string::npos;
        if (telling && words.size() < words_max && std::find(words.begin(), words.end(), word) == words.end())
            words.push_back(word);
        word.clear();
    };
    for (const char c : all) {
        const bool letter =
            (c >= 'a' && c <= 'z') || is_digit(c) || (static_cast<unsigned char>(c) & 0x80) != 0;
        if (letter)
            word += c;
        else
            finish();
    }
    finish();
    return words;
}

}  // namespace casefile::cases
