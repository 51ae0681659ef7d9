#include "base/schema_fields.h"

#include <algorithm>
#include <utility>

namespace casefile::schema_detail {

namespace {

/// In the words of a check that tells what the field takes, where it has one.
Error missing(const Field& field, std::string_view place) {
    for (const auto& check : field.checks)
        if (auto done = check(place, json::value()); !done) return done.error();
    return missing_field(place);
}

}  // namespace

void Fields::limit_range(std::int64_t low, std::int64_t high) {
    auto& field = fields_.back();
    field.fragment["minimum"] = low;
    field.fragment["maximum"] = high;
    field.checks.emplace_back([low, high](std::string_view path, const json::value& value) {
        return check_range(path, static_cast<double>(low), static_cast<double>(high), value);
    });
}

void Fields::limit_length(std::size_t low, std::size_t high) {
    auto& field = fields_.back();
    const bool array = field.fragment.contains("items");
    if (low > 0) field.fragment[array ? "minItems" : "minLength"] = low;
    field.fragment[array ? "maxItems" : "maxLength"] = high;
    field.checks.emplace_back([low, high](std::string_view path, const json::value& value) {
        return check_length(path, low, high, value);
    });
}

void Fields::limit_choices(std::vector<std::string> values) {
    auto& field = fields_.back();
    json::array list(values.begin(), values.end());
    if (auto* items = field.fragment.if_contains("items"))
        items->as_object()["enum"] = std::move(list);
    else
        field.fragment["enum"] = std::move(list);
    field.checks.emplace_back([values = std::move(values)](std::string_view path, const json::value& value) {
        return check_choice(path, values, value);
    });
}

json::object Fields::take_json_schema() {
    json::object properties;
    json::array required;
    properties.reserve(fields_.size());
    for (auto& field : fields_) {
        if (!field.description.empty()) field.fragment["description"] = std::exchange(field.description, {});
        properties.emplace(field.name, std::move(field.fragment));
        if (field.required) required.emplace_back(field.name);
    }
    json::object out{{"type", "object"}};
    out["properties"] = std::move(properties);
    if (!required.empty()) out["required"] = std::move(required);
    if (closed_) out["additionalProperties"] = false;
    return out;
}

std::vector<std::string> Fields::names() const {
    std::vector<std::string> out;
    for (const auto& field : fields_) out.push_back(field.name);
    return out;
}

bool Fields::knows(std::string_view name) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const Field& field) { return field.name == name; });
}

Result<void> Fields::read(void* owner, const json::value& from, std::string_view path) const {
    const auto* object = from.if_object();
    if (object == nullptr) return type_error(path, "an object", from);
    // A misspelt name is told before the field that it leaves missing.
    for (const auto& pair : *object)
        if (!knows(pair.key())) return unknown_field(path, pair.key(), names());
    for (const auto& field : fields_) {
        const auto place = path_of(path, field.name);
        const auto* value = object->if_contains(field.name);
        if (value == nullptr || (value->is_null() && !field.required && !field.takes_null)) {
            if (field.required) return missing(field, place);
            continue;
        }
        for (const auto& check : field.checks)
            if (auto done = check(place, *value); !done) return done.error();
        if (auto done = field.read(owner, *value, place); !done) return done.error();
    }
    return {};
}

json::object Fields::write(const void* owner) const {
    json::object out;
    out.reserve(fields_.size());
    for (const auto& field : fields_) field.write(owner, field.name, out);
    return out;
}

}  // namespace casefile::schema_detail
