#include "mcp/form.h"

#include <algorithm>
#include <cmath>

namespace casefile::mcp {
namespace {

/// A limit such as minLength; nothing when the field has none.
std::optional<double> limit(const json::object& field, std::string_view name) {
    const auto* value = field.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

bool is_within(const json::object& field, double value, std::string_view least, std::string_view most) {
    const auto low = limit(field, least), high = limit(field, most);
    return (!low || value >= *low) && (!high || value <= *high);
}

double character_count(std::string_view text) {
    return static_cast<double>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
    }));
}

/// The choices that a field offers, in any of the five forms; null when it is free.
const json::array* choices(const json::object& field) {
    for (const auto* name : {"enum", "oneOf", "anyOf"})
        if (const auto* listed = field.if_contains(name); listed != nullptr && listed->is_array())
            return &listed->get_array();
    return nullptr;
}

bool is_chosen(const json::array& choices, const json::value& value) {
    return std::any_of(choices.begin(), choices.end(), [&](const json::value& choice) {
        const auto* titled = choice.if_object();
        const auto* constant = titled == nullptr ? &choice : titled->if_contains("const");
        return constant != nullptr && *constant == value;
    });
}

bool fits_list(const json::object& field, const json::array& values) {
    if (!is_within(field, static_cast<double>(values.size()), "minItems", "maxItems")) return false;
    const auto* items = field.if_contains("items");
    const auto* offered = items == nullptr || !items->is_object() ? nullptr : choices(items->get_object());
    return std::all_of(values.begin(), values.end(), [&](const json::value& value) {
        return value.is_string() && (offered == nullptr || is_chosen(*offered, value));
    });
}

bool fits(const json::object& field, const json::value& value) {
    const auto type = string_or(field, "type");
    if (type == "boolean") return value.is_bool();
    if (type == "array") return value.is_array() && fits_list(field, value.get_array());
    if (type == "number" || type == "integer") {
        if (!value.is_number()) return false;
        const auto number = value.to_number<double>();
        if (type == "integer" && number != std::floor(number)) return false;
        return is_within(field, number, "minimum", "maximum");
    }
    if (!value.is_string()) return false;
    if (const auto* offered = choices(field)) return is_chosen(*offered, value);
    return is_within(field, character_count(value.get_string()), "minLength", "maxLength");
}

}  // namespace

bool fills_in(const json::object& form, const json::object& content) {
    if (const auto* required = form.if_contains("required"); required != nullptr && required->is_array())
        for (const auto& name : required->get_array())
            if (name.is_string() && !content.contains(name.get_string())) return false;
    const auto* fields = form.if_contains("properties");
    if (fields == nullptr || !fields->is_object()) return true;
    return std::all_of(content.begin(), content.end(), [&](const auto& pair) {
        const auto* field = fields->get_object().if_contains(pair.key());
        return field == nullptr || !field->is_object() || fits(field->get_object(), pair.value());
    });
}

}  // namespace casefile::mcp
