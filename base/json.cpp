#include "base/json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/text.h"

namespace casefile {
namespace {

/// Orders keys by UTF-16 code units (RFC 8785 section 3.2.3). That differs from byte order only for
/// characters beyond U+FFFF, which UTF-16 writes as surrogates 0xD800 to 0xDFFF, below U+E000 to U+FFFF.
bool before_in_utf16(std::string_view left, std::string_view right) {
    const auto mismatch = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (mismatch.first == left.end() || mismatch.second == right.end()) return left.size() < right.size();
    const auto l = static_cast<unsigned char>(*mismatch.first),
               r = static_cast<unsigned char>(*mismatch.second);
    const bool l_astral = l >= 0xF0, r_astral = r >= 0xF0;
    if (l_astral != r_astral) return l_astral ? r >= 0xEE : l < 0xEE;
    return l < r;
}

constexpr std::size_t escape_bytes_max = 6;

/// Writes `c` escaped to `at`, at most `escape_bytes_max` bytes; gives their number.
std::size_t write_escape(char c, char* at) {
    constexpr std::string_view controls = "\b\f\n\r\t", letters = "bfnrt", digits = "0123456789abcdef";
    at[0] = '\\';
    if (c == '"' || c == '\\') {
        at[1] = c;
        return 2;
    }
    if (const auto known = controls.find(c); known != std::string_view::npos) {
        at[1] = letters[known];
        return 2;
    }
    const auto code = static_cast<unsigned char>(c);
    std::memcpy(at + 1, "u00", 3);
    at[4] = digits[code >> 4];
    at[5] = digits[code & 15];
    return escape_bytes_max;
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// How many of eight bytes stand before the first that needs an escape. With w as eight bytes,
/// (w - n * ones) & ~w has a high bit set if and only if one of them is below n <= 128; a borrow can set
/// others in bytes above it alone.
std::size_t plain_before_escape(const char* text) {
    constexpr std::uint64_t ones = 0x0101010101010101, high_bits = 0x8080808080808080;
    const auto below = [](std::uint64_t w, std::uint64_t n) { return (w - n * ones) & ~w & high_bits; };
    std::uint64_t w = 0;
    std::memcpy(&w, text, sizeof w);
    const auto found = below(w, 0x20) | below(w ^ ('"' * ones), 1) | below(w ^ ('\\' * ones), 1);
    if constexpr (std::endian::native == std::endian::little)
        return static_cast<std::size_t>(std::countr_zero(found)) / 8;
    return found == 0 ? sizeof w
                      : static_cast<std::size_t>(std::find_if(text, text + sizeof w, needs_escape) - text);
}

/// A double as ECMAScript writes it (RFC 8785 section 3.2.2.3).
void write_double(double value, std::string& out) {
    if (value == 0) {
        out += '0';
        return;
    }
    std::array<char, 40> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
    std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    if (text.front() == '-') {
        out += '-';
        text.remove_prefix(1);
    }
    const auto e = text.find('e');
    int exponent = 0;
    const std::size_t first = text[e + 1] == '+' ? e + 2 : e + 1;
    std::from_chars(text.data() + first, text.data() + text.size(), exponent);
    std::string digits(1, text[0]);
    if (e > 2) digits += text.substr(2, e - 2);
    const int count = static_cast<int>(digits.size()), point = exponent + 1;
    if (point > 0 && point <= 21) {
        if (count <= point)
            out += digits + std::string(static_cast<std::size_t>(point - count), '0');
        else
            out += digits.substr(0, static_cast<std::size_t>(point)) + "." +
                   digits.substr(static_cast<std::size_t>(point));
    } else if (point > -6 && point <= 0) {
        out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    } else {
        out += digits.substr(0, 1);
        if (count > 1) out += "." + digits.substr(1);
        out += 'e';
        out += exponent < 0 ? '-' : '+';
        out += std::to_string(std::abs(exponent));
    }
}

enum class Order { as_it_is, canonical };

void write(const json::value& value, Order order, std::string& out);

void write_member(const json::key_value_pair& pair, Order order, std::string& out) {
    if (out.back() != '{') out += ',';
    append_json_string(out, pair.key());
    out += ':';
    write(pair.value(), order, out);
}

void write_members(const json::object& object, Order order, std::string& out) {
    if (order == Order::as_it_is) {
        for (const auto& pair : object) write_member(pair, order, out);
        return;
    }
    std::vector<const json::key_value_pair*> sorted;
    sorted.reserve(object.size());
    for (const auto& pair : object) sorted.push_back(&pair);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* l, const auto* r) { return before_in_utf16(l->key(), r->key()); });
    for (const auto* pair : sorted) write_member(*pair, order, out);
}

void write(const json::value& value, Order order, std::string& out) {
    switch (value.kind()) {
        case json::kind::null:
            out += "null";
            break;
        case json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            break;
        case json::kind::int64:
            out += std::to_string(value.get_int64());
            break;
        case json::kind::uint64:
            out += std::to_string(value.get_uint64());
            break;
        case json::kind::double_:
            if (order == Order::as_it_is && !std::isfinite(value.get_double()))
                out += "null";
            else
                write_double(value.get_double(), out);
            break;
        case json::kind::string:
            append_json_string(out, value.get_string());
            break;
        case json::kind::array: {
            out += '[';
            bool first = true;
            for (const auto& item : value.get_array()) {
                if (!first) out += ',';
                first = false;
                write(item, order, out);
            }
            out += ']';
            break;
        }
        case json::kind::object:
            out += '{';
            write_members(value.get_object(), order, out);
            out += '}';
            break;
    }
}

bool is_finite(const json::value& value) {
    if (value.is_double()) return std::isfinite(value.get_double());
    if (const auto* items = value.if_array()) return std::all_of(items->begin(), items->end(), is_finite);
    if (const auto* object = value.if_object())
        return std::all_of(object->begin(), object->end(),
                           [](const auto& pair) { return is_finite(pair.value()); });
    return true;
}

Result<json::value> parse(std::string_view text, const json::parse_options& options) {
    boost::system::error_code failure;
    json::stream_parser parser({}, options);
    const std::size_t used = parser.write_some(text.data(), text.size(), failure);
    if (!failure) parser.finish(failure);
    const auto rest = text.substr(std::min(used, text.size()));
    if (failure || !trim(rest).empty())
        return invalid("expected one JSON document, got something else at byte " + std::to_string(used) +
                       (failure ? " (" + failure.message() + ")" : ""));
    auto value = parser.release();
    if (!is_finite(value))
        return invalid("expected numbers within the range of a double, got a larger one",
                       "write it as a string");
    return value;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    append_json_escaped(out, text);
    out += '"';
}

void append_json_escaped(std::string& out, std::string_view text) {
    constexpr std::size_t step = sizeof(std::uint64_t);
    // Gathered here, as most stretches between two escapes are short.
    std::array<char, 256> some{};
    std::size_t used = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (used + step + escape_bytes_max >= some.size()) {
            out.append(some.data(), used);
            used = 0;
        }
        const auto left = text.size() - at;
        std::size_t plain = 0;
        if (left >= step) {
            std::memcpy(some.data() + used, text.data() + at, step);
            plain = plain_before_escape(text.data() + at);
        } else {
            while (plain < left && !needs_escape(text[at + plain])) {
                some[used + plain] = text[at + plain];
                ++plain;
            }
        }
        used += plain;
        at += plain;
        if (plain < std::min(step, left)) used += write_escape(text[at++], some.data() + used);
    }
    out.append(some.data(), used);
}

std::string canonical(const json::value& value) {
    std::string out;
    write(value, Order::canonical, out);
    return out;
}

void append_compact(std::string& out, const json::value& value) { write(value, Order::as_it_is, out); }

std::string compact(const json::value& value) {
    std::string out;
    append_compact(out, value);
    return out;
}

Result<json::value> parse_json(std::string_view text, std::size_t depth_max) {
    json::parse_options options;
    options.max_depth = depth_max;
    return parse(text, options);
}

Result<json::value> parse_json_with_comments(std::string_view text) {
    json::parse_options options;
    options.allow_comments = true;
    options.allow_trailing_commas = true;
    return parse(text, options);
}

const json::value* member(const json::object& object, std::string_view key) {
    return object.if_contains(key);
}

std::string string_or(const json::object& object, std::string_view key, std::string_view otherwise) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string(otherwise);
}

const char* type_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "boolean";
        case json::kind::int64:
        case json::kind::uint64:
            return "integer";
        case json::kind::double_:
            return "number";
        case json::kind::string:
            return "string";
        case json::kind::array:
            return "array";
        case json::kind::object:
            return "object";
    }
    return "null";
}

}  // namespace casefile
