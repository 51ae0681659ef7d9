#include "base/schema_codec.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace casefile::schema_detail {
namespace {

std::string shown(const json::value& value) { return shorten(printable(json::serialize(value)), 80); }

std::string named(std::string_view path) { return path.empty() ? "the document" : std::string(path); }

}  // namespace

std::string path_of(std::string_view parent, std::string_view name) {
    return parent.empty() ? std::string(name) : std::string(parent) + "." + std::string(name);
}

std::string path_of(std::string_view parent, std::size_t index) {
    return std::string(parent) + "[" + std::to_string(index) + "]";
}

Error type_error(std::string_view path, std::string_view expected, const json::value& got) {
    return invalid(named(path) + ": expected " + std::string(expected) + ", got " + type_name(got) + " " +
                   shown(got));
}

Error unknown_field(std::string_view path, std::string_view name, const std::vector<std::string>& known) {
    return invalid(path_of(path, printable(shorten(name, 64))) + ": unknown field",
                   known.empty() ? "no fields are taken here" : "known fields: " + join(known, ", "));
}

Error missing_field(std::string_view path) {
    return invalid(std::string(path) + ": expected a value, got none");
}

Result<void> check_range(std::string_view path, double low, double high, const json::value& value) {
    const auto number = [](double bound) { return std::to_string(static_cast<std::int64_t>(bound)); };
    if (!value.is_number()) return {};  // the codec says what type it wanted
    const double got = value.to_number<double>();
    if (got >= low && got <= high) return {};
    return invalid(std::string(path) + ": expected " + number(low) + ".." + number(high) + ", got " +
                   shown(value));
}

Result<void> check_length(std::string_view path, std::size_t low, std::size_t high,
                          const json::value& value) {
    std::size_t got = 0;
    const char* unit = " bytes";
    if (value.is_string()) {
        got = value.get_string().size();
    } else if (value.is_array()) {
        got = value.get_array().size();
        unit = " items";
    } else {
        return {};
    }
    if (got >= low && got <= high) return {};
    return invalid(std::string(path) + ": expected " + std::to_string(low) + ".." + std::to_string(high) +
                   unit + ", got " + std::to_string(got));
}

Result<void> check_choice(std::string_view path, const std::vector<std::string>& choices,
                          const json::value& value) {
    if (const auto* items = value.if_array()) {
        for (std::size_t i = 0; i < items->size(); ++i)
            if (auto done = check_choice(path_of(path, i), choices, (*items)[i]); !done) return done.error();
        return {};
    }
    if (!value.is_string() && !value.is_null()) return {};
    if (value.is_string() &&
        std::find(choices.begin(), choices.end(), std::string_view(value.get_string())) != choices.end())
        return {};
    return invalid(std::string(path) + ": expected one of " + join(choices, ", ") + ", got " +
                   (value.is_null() ? "none" : shown(value)));
}

Result<void> Codec<std::string>::read(const json::value& from, std::string_view path, std::string& to) {
    if (!from.is_string()) return type_error(path, "a string", from);
    to = from.get_string();
    return {};
}

Result<void> Codec<bool>::read(const json::value& from, std::string_view path, bool& to) {
    if (!from.is_bool()) return type_error(path, "true or false", from);
    to = from.get_bool();
    return {};
}

Result<void> Codec<std::int64_t>::read(const json::value& from, std::string_view path, std::int64_t& to) {
    if (from.is_int64()) {
        to = from.get_int64();
        return {};
    }
    // JSON Schema counts 5.0 as an integer, and some clients write it so.
    if (from.is_double() && std::trunc(from.get_double()) == from.get_double() &&
        std::abs(from.get_double()) <= 9007199254740992.0) {
        to = static_cast<std::int64_t>(from.get_double());
        return {};
    }
    return type_error(path, "an integer", from);
}

Result<void> Codec<double>::read(const json::value& from, std::string_view path, double& to) {
    if (!from.is_number()) return type_error(path, "a number", from);
    to = from.to_number<double>();
    return {};
}

Result<void> Codec<json::object>::read(const json::value& from, std::string_view path, json::object& to) {
    if (!from.is_object()) return type_error(path, "an object", from);
    to = from.get_object();
    return {};
}

Result<void> Codec<json::array>::read(const json::value& from, std::string_view path, json::array& to) {
    if (!from.is_array()) return type_error(path, "an array", from);
    to = from.get_array();
    return {};
}

}  // namespace casefile::schema_detail
