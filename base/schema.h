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
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/schema_codec.h"
#include "base/schema_fields.h"

namespace casefile {

template <class T>
class Schema;

namespace schema_detail {

/// A codec made from a schema known at run time, for nested objects.
template <class V>
struct SchemaCodec {
    std::shared_ptr<const Schema<V>> schema;

    explicit SchemaCodec(Schema<V> nested) : schema(std::make_shared<const Schema<V>>(std::move(nested))) {}

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
    [[gnu::cold]] Schema&& field(std::string name, V T::*member, std::string description) && {
        using Codec = schema_detail::Codec<V>;
        add<V>(std::move(name), std::move(description), Codec::schema(), member, Codec{});
        return std::move(*this);
    }

    /// A nested object with a schema of its own; `V` may be optional.
    template <class V, class U>
    [[gnu::cold]] Schema&& object(std::string name, V T::*member, Schema<U> nested,
                                  std::string description) && {
        auto fragment = nested.take_json_schema();
        add<V>(std::move(name), std::move(description), std::move(fragment), member,
               schema_detail::SchemaCodec<U>(std::move(nested)));
        return std::move(*this);
    }

    /// An array of objects.
    template <class U>
    [[gnu::cold]] Schema&& list(std::string name, std::vector<U> T::*member, Schema<U> nested,
                                std::string description) && {
        json::object fragment{{"type", "array"}, {"items", nested.take_json_schema()}};
        add<std::vector<U>>(std::move(name), std::move(description), std::move(fragment), member,
                            schema_detail::SchemaCodec<U>(std::move(nested)));
        return std::move(*this);
    }

    /// An object whose keys are free and whose values share one schema.
    template <class U>
    [[gnu::cold]] Schema&& map(std::string name, std::map<std::string, U> T::*member, Schema<U> nested,
                               std::string description) && {
        json::object fragment{{"type", "object"}, {"additionalProperties", nested.take_json_schema()}};
        add<std::map<std::string, U>>(std::move(name), std::move(description), std::move(fragment), member,
                                      schema_detail::SchemaCodec<U>(std::move(nested)));
        return std::move(*this);
    }

    // The following speak of the field named last.

    Schema&& optional() && {
        fields_.require(false);
        return std::move(*this);
    }
    /// For a std::optional member that this document needs all the same.
    Schema&& required() && {
        fields_.require(true);
        return std::move(*this);
    }
    /// Numbers within low..high.
    Schema&& range(std::int64_t low, std::int64_t high) && {
        fields_.limit_range(low, high);
        return std::move(*this);
    }
    /// Bytes of a string, or items of an array.
    Schema&& length(std::size_t low, std::size_t high) && {
        fields_.limit_length(low, high);
        return std::move(*this);
    }
    /// One of these strings (for an array: each item).
    Schema&& choices(std::vector<std::string> values) && {
        fields_.limit_choices(std::move(values));
        return std::move(*this);
    }

    /// Fields of a nested struct, side by side with this one's own: `env` rather than `fields.env`.
    template <class U>
    [[gnu::cold]] Schema&& inlined(U T::*member, const Schema<U>& nested) && {
        for (auto field : nested.fields_.all()) {
            field.read = [member, read = std::move(field.read)](void* owner, const json::value& from,
                                                                std::string_view path) {
                return read(&(static_cast<T*>(owner)->*member), from, path);
            };
            field.write = [member, write = std::move(field.write)](const void* owner, const std::string& name,
                                                                   json::object& to) {
                write(&(static_cast<const T*>(owner)->*member), name, to);
            };
            fields_.add(std::move(field));
        }
        return std::move(*this);
    }
    /// For answers: fields may be added later, so their schema does not forbid more.
    Schema&& open() && {
        fields_.leave_open();
        return std::move(*this);
    }

    Result<T> parse(const json::value& from, std::string_view path = {}) const {
        T to{};
        if (auto done = fields_.read(&to, from, path); !done) return done.error();
        return to;
    }
    /// Optional fields that are empty are left out.
    json::object write(const T& from) const { return fields_.write(&from); }
    /// The document that says all this (JSON Schema 2020-12). Once: it is not kept for reading and writing.
    json::object take_json_schema() { return fields_.take_json_schema(); }
    std::vector<std::string> names() const { return fields_.names(); }

  private:
    template <class>
    friend class Schema;

    template <class V, class Codec>
    [[gnu::cold]] void add(std::string name, std::string description, json::object fragment, V T::*member,
                           Codec codec) {
        fields_.add({
            .name = std::move(name),
            .description = std::move(description),
            .fragment = std::move(fragment),
            .required = !schema_detail::is_optional<V>,
            .takes_null = std::is_same_v<V, json::value>,
            .read = [member, codec](void* owner, const json::value& from, std::string_view path)
                -> Result<void> { return codec.read(from, path, static_cast<T*>(owner)->*member); },
            .write =
                [member, codec](const void* owner, const std::string& key, json::object& to) {
                    const auto& value = static_cast<const T*>(owner)->*member;
                    if constexpr (schema_detail::is_optional<V>) {
                        if (!value) return;
                    }
                    to[key] = codec.write(value);
                },
        });
    }

    schema_detail::Fields fields_;
};

namespace schema_detail {

template <class V>
Result<void> SchemaCodec<V>::read(const json::value& from, std::string_view path, V& to) const {
    auto parsed = schema->parse(from, path);
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
    return schema->write(from);
}

}  // namespace schema_detail
}  // namespace casefile
