#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace casefile {
namespace {

/// Decodes one character at `at`; gives its length, or 0 when the bytes there are not well-formed UTF-8.
std::size_t decode(std::string_view bytes, std::size_t at, std::uint32_t& code) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char first = byte(at);
    if (first < 0x80) {
        code = first;
        return 1;
    }
    const std::size_t length = first >= 0xF0 && first <= 0xF4   ? 4
                               : first >= 0xE0 && first <= 0xEF ? 3
                               : first >= 0xC2 && first <= 0xDF ? 2
                                                                : 0;
    if (length == 0 || at + length > bytes.size()) return 0;
    code = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return 0;
        code = (code << 6) | (byte(at + i) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
    return length;
}

/// Characters that a terminal or a renderer obeys, or that nobody sees, so that text could hide in them.
struct CodeRange {
    std::uint32_t first;
    std::uint32_t last;
};
constexpr CodeRange unsafe_codes[] = {
    {0x00, 0x1F},        // C0: ANSI sequences start with ESC
    {0x7F, 0x9F},        // DEL and C1
    {0xAD, 0xAD},        // soft hyphen
    {0x034F, 0x034F},    // combining grapheme joiner
    {0x061C, 0x061C},    // Arabic letter mark, bidirectional
    {0x115F, 0x1160},    // Hangul fillers
    {0x17B4, 0x17B5},    // Khmer vowels that are not shown
    {0x180B, 0x180F},    // Mongolian selectors and vowel separator
    {0x200B, 0x200F},    // zero width, left-to-right and right-to-left marks
    {0x2028, 0x202E},    // line and paragraph separator, bidirectional embeddings and overrides
    {0x2060, 0x206F},    // word joiner, operators that are not shown, bidirectional isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // Hangul filler
    {0xFFF0, 0xFFFB},    // annotations
    {0x1BCA0, 0x1BCA3},  // shorthand format controls
    {0x1D173, 0x1D17A},  // musical format controls
    {0xE0000, 0xE0FFF},  // tags and selectors, which can spell whole sentences
};

bool is_unsafe(std::uint32_t code) {
    return std::ranges::any_of(
        unsafe_codes, [&](const CodeRange& range) { return range.first <= code && code <= range.last; });
}

void append_escape(std::string& out, std::uint32_t code) {
    std::array<char, 16> escape{};
    std::snprintf(escape.data(), escape.size(), code > 0xFFFF ? "\\U%08X" : "\\u%04X", code);
    out += escape.data();
}

/// The next eight bytes; there have to be as many.
std::uint64_t eight_bytes(std::string_view text, std::size_t at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    return bytes;
}

constexpr std::uint64_t each_byte(std::uint64_t value) { return value * 0x0101010101010101U; }

/// Where the run of ASCII that begins at `at` ends.
std::size_t end_of_ascii(std::string_view text, std::size_t at) {
    // A large answer is looked at once more before it leaves, and is nearly always ASCII.
    const auto thirty_two = [&] {
        return eight_bytes(text, at) | eight_bytes(text, at + 8) | eight_bytes(text, at + 16) |
               eight_bytes(text, at + 24);
    };
    while (at + 32 <= text.size() && (thirty_two() & each_byte(0x80)) == 0) at += 32;
    while (at + 8 <= text.size() && (eight_bytes(text, at) & each_byte(0x80)) == 0) at += 8;
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
    return at;
}

/// Where the run of bytes 0x20 to 0x7E that begins at `at` ends. Eight at a time: a byte's highest bit is set
/// when it is beyond ASCII, when subtracting 0x20 borrows, or when adding 1 carries into it. A borrow can
/// only make a run look shorter, and the loop over single bytes then finds its end.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
    for (;;) {
        while (at + 8 <= text.size()) {
            const auto bytes = eight_bytes(text, at);
            const auto care = (bytes | (bytes - each_byte(0x20)) | (bytes + each_byte(1))) & each_byte(0x80);
            if (care != 0) break;
            at += 8;
        }
        const auto stop = std::min(at + 8, text.size());
        while (at < stop && text[at] >= 0x20 && text[at] < 0x7F) ++at;
        if (at < stop || at == text.size()) return at;
    }
}

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    std::uint32_t code = 0;
    for (std::size_t at = end_of_ascii(bytes, 0); at < bytes.size(); at = end_of_ascii(bytes, at)) {
        const std::size_t length = decode(bytes, at, code);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::string printable(std::string_view text, bool multi_line) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0;;) {
        const auto end = end_of_plain(text, at);
        out += text.substr(at, end - at);
        at = end;
        if (at == text.size()) return out;
        std::uint32_t code = 0;
        const std::size_t length = decode(text, at, code);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            ++at;
            continue;
        }
        if (code == '\n' || code == '\t') {
            out += multi_line ? static_cast<char>(code) : ' ';
        } else if (is_unsafe(code)) {
            append_escape(out, code);
        } else {
            out += text.substr(at, length);
        }
        at += length;
    }
}

std::string markdown_text(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '&') {
            out += "&amp;";
        } else {
            // A parenthesis means something only where it could be the target of a link; what begins a list
            // does so at the start of a line alone.
            const bool target = c == '(' && out.ends_with(']');
            if (target || std::string_view("\\`*_{}[]#|~$").find(c) != std::string_view::npos) out += '\\';
            out += c;
        }
    }
    return out;
}

std::string shorten(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return std::string(text);
    constexpr std::string_view ellipsis = "…";
    std::size_t end = bytes_max > ellipsis.size() ? bytes_max - ellipsis.size() : 0;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return std::string(text.substr(0, end)) + std::string(ellipsis);
}

std::string slug(std::string_view text, std::size_t length_max) {
    std::string out;
    for (const char c : lower(text)) {
        if (out.size() == length_max) break;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out.empty() ? "case" : out;
}

bool is_slug(std::string_view text, std::size_t length_max) {
    return !text.empty() && text.size() <= length_max && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

namespace {
char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
}  // namespace

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = lower_letter(c);
    return out;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    const auto same = [](char a, char b) { return lower_letter(a) == lower_letter(b); };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t at = 0;;) {
        const auto next = text.find(separator, at);
        parts.emplace_back(text.substr(at, next - at));
        if (next == std::string_view::npos) return parts;
        at = next + 1;
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    bool first = true;
    for (const auto& part : parts) {
        if (!first) out += separator;
        first = false;
        out += part;
    }
    return out;
}

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += hex_digits[byte >> 4];
        out += hex_digits[byte & 15];
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = (group << 8) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= count ? base64_digits[(group >> (18 - 6 * i)) & 63] : '=';
    }
    return out;
}

bool from_base64(std::string_view text, std::string& bytes) {
    bytes.clear();
    if (text.size() % 4 != 0) return false;
    for (std::size_t at = 0; at < text.size(); at += 4) {
        std::uint32_t group = 0;
        std::size_t padding = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const char c = text[at + i];
            if (c == '=') {
                if (at + 4 != text.size() || i < 2) return false;
                ++padding;
                group <<= 6;
                continue;
            }
            const auto value = base64_digits.find(c);
            if (padding > 0 || value == std::string_view::npos) return false;
            group = (group << 6) | static_cast<std::uint32_t>(value);
        }
        for (std::size_t i = 0; i < 3 - padding; ++i)
            bytes += static_cast<char>((group >> (16 - 8 * i)) & 0xFF);
    }
    return true;
}

bool percent_decode(std::string_view text, std::string& decoded) {
    decoded.clear();
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            decoded += text[at];
            continue;
        }
        if (at + 2 >= text.size()) return false;
        const int high = hex_value(text[at + 1]), low = hex_value(text[at + 2]);
        if (high < 0 || low < 0) return false;
        decoded += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return true;
}

std::string shell_quoted(std::string_view text) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::ranges::all_of(text, is_plain)) return std::string(text);
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace casefile
