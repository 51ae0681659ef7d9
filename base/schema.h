#pragma once
// Schema<T> names each field of a struct once. From that one list it yields the JSON Schema (2020-12), reads
// and checks JSON into T with the field named in every error, refuses unknown fields, and writes T as JSON.
// Used for tool arguments, tool answers and the configuration.
//
//     struct Args { std::string table; std::int64_t rows_max = 100; std::optional<std::string> env; };
//     const auto schema = Schema<Args>{}
//         .field("table", &Args::table, "Table to read.").length(1, 64)
//         .field("rows_max", &Args::rows_max, "At most this many rows.").range(1, 1000).optional()
//         .field("env", &Args::env, "Environment label.");          // std::optional is optional by itself
//
// A field left out keeps the value that T's initialiser gave it.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/schema_codec.h"

namespace casefile {

template <class T>
class Schema;

namespace schema_detail {

/// A codec made from a schema known at run time, for nested objects.
template <class V>
struct SchemaCodec {
    Schema<V> schema;

    Result<void> read(const json::value& from, std::string_view path, V& to) const;
    Result<void> read(const json::value& from, std::string_view path, std::optional<V>& to) const {
        V value{};
        if (auto done = read(from, path, value); !done) return done.error();
        to = std::move(value);
        return {};
    }
    Result<void> read(const json::value& from, std::string_view path, std::vector<V>& to) const;
    Result<void> read(const json::value& from, std::string_view path, std::map<std::string, V>& to) const;

    json::value write(const V& from) const;
    json::value write(const std::optional<V>& from) const { return from ? write(*from) : json::value(); }
    json::value write(const std::vector<V>& from) const {
        json::array out;
        out.reserve(from.size());
        for (const auto& value : from) out.push_back(write(value));
        return out;
    }
    json::value write(const std::map<std::string, V>& from) const {
        json::object out;
        for (const auto& [name, value] : from) out[name] = write(value);
        return out;
    }
};

template <class V>
inline constexpr bool is_optional = false;
template <class V>
inline constexpr bool is_optional<std::optional<V>> = true;

}  // namespace schema_detail

template <class T>
class Schema {
  public:
    /// A field of a plain type: string, bool, int64_t, double, json::value, json::object, vectors and
    /// optionals of them.
    template <class V>
    Schema&& field(std::string name, V T::*member, std::string description) && {
        using Codec = schema_detail::Codec<V>;
        add<V>(
            std::move(name), std::move(description), Codec::schema(), member,
            [](const json::value& from, std::string_view path, V& to) { return Codec::read(from, path, to); },
            [](const V& from) { return Codec::write(from); });
        return std::move(*this);
    }

    /// A nested object with a schema of its own; `V` may be optional.
    template <class V, class U>
    Schema&& object(std::string name, V T::*member, Schema<U> nested, std::string description) && {
        auto fragment = nested.json_schema();
        add_nested<V, U>(std::move(name), std::move(description), std::move(fragment), member,
                         std::move(nested));
        return std::move(*this);
    }

    /// An array of objects.
    template <class U>
    Schema&& list(std::string name, std::vector<U> T::*member, Schema<U> nested, std::string description) && {
        json::object fragment{{"type", "array"}, {"items", nested.json_schema()}};
        add_nested<std::vector<U>, U>(std::move(name), std::move(description), std::move(fragment), member,
                                      std::move(nested));
        return std::move(*this);
    }

    /// An object whose keys are free and whose values share one schema.
    template <class U>
    Schema&& map(std::string name, std::map<std::string, U> T::*member, Schema<U> nested,
                 std::string description) && {
        json::object fragment{{"type", "object"}, {"additionalProperties", nested.json_schema()}};
        add_nested<std::map<std::string, U>, U>(std::move(name), std::move(description), std::move(fragment),
                                                member, std::move(nested));
        return std::move(*this);
    }

    // The following speak of the field named last.

    Schema&& optional() && {
        fields_.back().required = false;
        return std::move(*this);
    }
    /// For a std::optional member that this document needs all the same.
    Schema&& required() && {
        fields_.back().required = true;
        return std::move(*this);
    }
    /// Fields of a nested struct, side by side with this one's own: `env` rather than `fields.env`.
    template <class U>
    Schema&& inlined(U T::*member, const Schema<U>& nested) && {
        for (const auto& other : nested.fields_) {
            Field field{other.name,
                        other.description,
                        other.fragment,
                        other.required,
                        other.takes_null,
                        other.checks,
                        {},
                        {}};
            field.read = [member, read = other.read](T& to, const json::value& from, std::string_view path) {
                return read(to.*member, from, path);
            };
            field.write = [member, write = other.write](const T& from, json::object& to) {
                write(from.*member, to);
            };
            fields_.push_back(std::move(field));
        }
        return std::move(*this);
    }
    /// Numbers within low..high.
    Schema&& range(std::int64_t low, std::int64_t high) && {
        constrain("minimum", low);
        constrain("maximum", high);
        check([low, high](std::string_view path, const json::value& value) {
            return schema_detail::check_range(path, static_cast<double>(low), static_cast<double>(high),
                                              value);
        });
        return std::move(*this);
    }
    /// Bytes of a string, or items of an array.
    Schema&& length(std::size_t low, std::size_t high) && {
        const bool array = fields_.back().fragment.contains("items");
        if (low > 0) constrain(array ? "minItems" : "minLength", low);
        constrain(array ? "maxItems" : "maxLength", high);
        check([low, high](std::string_view path, const json::value& value) {
            return schema_detail::check_length(path, low, high, value);
        });
        return std::move(*this);
    }
    /// One of these strings (for an array: each item).
    Schema&& choices(std::vector<std::string> values) && {
        json::array list(values.begin(), values.end());
        auto& fragment = fields_.back().fragment;
        if (auto* items = fragment.if_contains("items"))
            items->as_object()["enum"] = std::move(list);
        else
            fragment["enum"] = std::move(list);
        check([values = std::move(values)](std::string_view path, const json::value& value) {
            return schema_detail::check_choice(path, values, value);
        });
        return std::move(*this);
    }

    Result<T> parse(const json::value& from, std::string_view path = {}) const {
        const auto* object = from.if_object();
        if (object == nullptr) return schema_detail::type_error(path, "an object", from);
        // A misspelt name is told before the field that it leaves missing.
        for (const auto& pair : *object)
            if (!knows(pair.key())) return schema_detail::unknown_field(path, pair.key(), names());
        T to{};
        for (const auto& field : fields_) {
            const auto place = schema_detail::path_of(path, field.name);
            const auto* value = object->if_contains(field.name);
            if (value == nullptr || (value->is_null() && !field.required && !field.takes_null)) {
                if (field.required) return schema_detail::missing_field(place);
                continue;
            }
            for (const auto& one : field.checks)
                if (auto done = one(place, *value); !done) return done.error();
            if (auto done = field.read(to, *value, place); !done) return done.error();
        }
        return to;
    }

    /// Optional fields that are empty are left out.
    json::object write(const T& from) const {
        json::object out;
        out.reserve(fields_.size());
        for (const auto& field : fields_) field.write(from, out);
        return out;
    }

    json::object json_schema() const {
        json::object properties;
        json::array required;
        for (const auto& field : fields_) {
            auto fragment = field.fragment;
            if (!field.description.empty()) fragment["description"] = field.description;
            properties[field.name] = std::move(fragment);
            if (field.required) required.emplace_back(field.name);
        }
        json::object out{{"type", "object"}};
        out["properties"] = std::move(properties);
        if (!required.empty()) out["required"] = std::move(required);
        if (closed_) out["additionalProperties"] = false;
        return out;
    }

    /// For answers: fields may be added later, so their schema does not forbid more.
    Schema&& open() && {
        closed_ = false;
        return std::move(*this);
    }

    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& field : fields_) out.push_back(field.name);
        return out;
    }

  private:
    template <class>
    friend class Schema;
    using Check = std::function<Result<void>(std::string_view, const json::value&)>;

    struct Field {
        std::string name, description;
        json::object fragment;
        bool required = true;
        bool takes_null = false;
        std::vector<Check> checks;
        std::function<Result<void>(T&, const json::value&, std::string_view)> read;
        std::function<void(const T&, json::object&)> write;
    };

    template <class V, class Read, class Write>
    void add(std::string name, std::string description, json::object fragment, V T::*member, Read read,
             Write write) {
        Field field;
        field.name = name;
        field.description = std::move(description);
        field.fragment = std::move(fragment);
        field.required = !schema_detail::is_optional<V>;
        field.takes_null = std::is_same_v<V, json::value>;
        field.read = [member, read](T& to, const json::value& from, std::string_view path) {
            return read(from, path, to.*member);
        };
        field.write = [member, write, name](const T& from, json::object& to) {
            if constexpr (schema_detail::is_optional<V>) {
                if (!(from.*member)) return;
            }
            to[name] = write(from.*member);
        };
        fields_.push_back(std::move(field));
    }

    template <class V, class U>
    void add_nested(std::string name, std::string description, json::object fragment, V T::*member,
                    Schema<U> nested) {
        const schema_detail::SchemaCodec<U> codec{std::move(nested)};
        add<V>(
            std::move(name), std::move(description), std::move(fragment), member,
            [codec](const json::value& from, std::string_view path, V& to) {
                return codec.read(from, path, to);
            },
            [codec](const V& from) { return codec.write(from); });
    }

    template <class Value>
    void constrain(const char* keyword, Value value) {
        fields_.back().fragment[keyword] = value;
    }
    void check(Check one) { fields_.back().checks.push_back(std::move(one)); }
    bool knows(std::string_view name) const {
        for (const auto& field : fields_)
            if (field.name == name) return true;
        return false;
    }

    std::vector<Field> fields_;
    bool closed_ = true;
};

namespace schema_detail {

template <class V>
Result<void> SchemaCodec<V>::read(const json::value& from, std::string_view path, V& to) const {
    auto parsed = schema.parse(from, path);
    if (!parsed) return parsed.error();
    to = *std::move(parsed);
    return {};
}

template <class V>
Result<void> SchemaCodec<V>::read(const json::value& from, std::string_view path, std::vector<V>& to) const {
    const auto* items = from.if_array();
    if (items == nullptr) return type_error(path, "an array", from);
    to.clear();
    for (std::size_t i = 0; i < items->size(); ++i) {
        V value{};
        if (auto done = read((*items)[i], path_of(path, i), value); !done) return done.error();
        to.push_back(std::move(value));
    }
    return {};
}

template <class V>
Result<void> SchemaCodec<V>::read(const json::value& from, std::string_view path,
                                  std::map<std::string, V>& to) const {
    const auto* object = from.if_object();
    if (object == nullptr) return type_error(path, "an object", from);
    to.clear();
    for (const auto& pair : *object) {
        V value{};
        if (auto done = read(pair.value(), path_of(path, pair.key()), value); !done) return done.error();
        to.emplace(pair.key(), std::move(value));
    }
    return {};
}

template <class V>
json::value SchemaCodec<V>::write(const V& from) const {
    return schema.write(from);
}

}  // namespace schema_detail
}  // namespace casefile
