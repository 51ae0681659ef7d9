#include "base/json.h"

#include <algorithm>
#include <array>
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

void append_escape(char c, std::string& out) {
    constexpr std::string_view controls = "\b\f\n\r\t", letters = "bfnrt";
    out += '\\';
    if (c == '"' || c == '\\') {
        out += c;
    } else if (const auto known = controls.find(c); known != std::string_view::npos) {
        out += letters[known];
    } else {
        std::array<char, 8> digits{};
        std::snprintf(digits.data(), digits.size(), "u%04x", c);
        out += digits.data();
    }
}

/// Where the next character to escape is. Eight bytes are looked at at once, as most of them need none: with
/// w as eight bytes, (w - n * ones) & ~w has a high bit set if and only if one of them is below n <= 128.
std::size_t next_to_escape(std::string_view text, std::size_t at) {
    constexpr std::uint64_t ones = 0x0101010101010101, high_bits = 0x8080808080808080;
    const auto any_below = [](std::uint64_t w, std::uint64_t n) { return (w - n * ones) & ~w & high_bits; };
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t w = 0;
        std::memcpy(&w, text.data() + at, sizeof w);
        if (any_below(w, 0x20) | any_below(w ^ ('"' * ones), 1) | any_below(w ^ ('\\' * ones), 1)) break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x20 && text[at] != '"' &&
           text[at] != '\\')
        ++at;
    return at;
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

std::vector<const json::key_value_pair*> members_of(const json::object& object, Order order) {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& pair : object) members.push_back(&pair);
    if (order == Order::canonical)
        std::sort(members.begin(), members.end(),
                  [](const auto* l, const auto* r) { return before_in_utf16(l->key(), r->key()); });
    return members;
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
        case json::kind::object: {
            const auto members = members_of(value.get_object(), order);
            out += '{';
            for (const auto* pair : members) {
                if (pair != members.front()) out += ',';
                append_json_string(out, pair->key());
                out += ':';
                write(pair->value(), order, out);
            }
            out += '}';
            break;
        }
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
    for (std::size_t at = 0;;) {
        const auto next = next_to_escape(text, at);
        out.append(text, at, next - at);
        if (next == text.size()) break;
        append_escape(text[next], out);
        at = next + 1;
    }
    out += '"';
}

std::string canonical(const json::value& value) {
    std::string out;
    write(value, Order::canonical, out);
    return out;
}

std::string compact(const json::value& value) {
    std::string out;
    write(value, Order::as_it_is, out);
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
