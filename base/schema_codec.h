#pragma once
// How each C++ type that a schema knows reads and writes JSON. Included by base/schema.h alone.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace casefile::schema_detail {

/// "arguments.window.start": where in the document a value stands.
std::string path_of(std::string_view parent, std::string_view name);
std::string path_of(std::string_view parent, std::size_t index);

Error type_error(std::string_view path, std::string_view expected, const json::value& got);
Error unknown_field(std::string_view path, std::string_view name, const std::vector<std::string>& known);
Error missing_field(std::string_view path);

Result<void> check_range(std::string_view path, double low, double high, const json::value& value);
Result<void> check_length(std::string_view path, std::size_t low, std::size_t high, const json::value& value);
Result<void> check_choice(std::string_view path, const std::vector<std::string>& choices,
                          const json::value& value);

/// How one C++ type reads and writes JSON.
template <class V, class = void>
struct Codec;

template <>
struct Codec<std::string> {
    static json::object schema() { return {{"type", "string"}}; }
    static Result<void> read(const json::value& from, std::string_view path, std::string& to);
    static json::value write(const std::string& from) { return json::value(from); }
};

template <>
struct Codec<bool> {
    static json::object schema() { return {{"type", "boolean"}}; }
    static Result<void> read(const json::value& from, std::string_view path, bool& to);
    static json::value write(bool from) { return from; }
};

template <>
struct Codec<std::int64_t> {
    static json::object schema() { return {{"type", "integer"}}; }
    static Result<void> read(const json::value& from, std::string_view path, std::int64_t& to);
    static json::value write(std::int64_t from) { return from; }
};

template <>
struct Codec<double> {
    static json::object schema() { return {{"type", "number"}}; }
    static Result<void> read(const json::value& from, std::string_view path, double& to);
    static json::value write(double from) { return from; }
};

/// Any JSON value.
template <>
struct Codec<json::value> {
    static json::object schema() { return {}; }
    static Result<void> read(const json::value& from, std::string_view, json::value& to) {
        to = from;
        return {};
    }
    static json::value write(const json::value& from) { return from; }
};

/// Any JSON object.
template <>
struct Codec<json::object> {
    static json::object schema() { return {{"type", "object"}}; }
    static Result<void> read(const json::value& from, std::string_view path, json::object& to);
    static json::value write(const json::object& from) { return from; }
};

/// Any JSON array.
template <>
struct Codec<json::array> {
    static json::object schema() { return {{"type", "array"}}; }
    static Result<void> read(const json::value& from, std::string_view path, json::array& to);
    static json::value write(const json::array& from) { return from; }
};

template <class V>
struct Codec<std::optional<V>> {
    static json::object schema() { return Codec<V>::schema(); }
    static Result<void> read(const json::value& from, std::string_view path, std::optional<V>& to) {
        V value{};
        if (auto done = Codec<V>::read(from, path, value); !done) return done.error();
        to = std::move(value);
        return {};
    }
    static json::value write(const std::optional<V>& from) {
        return from ? Codec<V>::write(*from) : json::value();
    }
};

template <class V>
struct Codec<std::vector<V>> {
    static json::object schema() { return {{"type", "array"}, {"items", Codec<V>::schema()}}; }
    static Result<void> read(const json::value& from, std::string_view path, std::vector<V>& to) {
        const auto* items = from.if_array();
        if (items == nullptr) return type_error(path, "an array", from);
        to.clear();
        to.reserve(items->size());
        for (std::size_t i = 0; i < items->size(); ++i) {
            V value{};
            if (auto done = Codec<V>::read((*items)[i], path_of(path, i), value); !done) return done.error();
            to.push_back(std::move(value));
        }
        return {};
    }
    static json::value write(const std::vector<V>& from) {
        json::array out;
        out.reserve(from.size());
        for (const auto& value : from) out.push_back(Codec<V>::write(value));
        return out;
    }
};

}  // namespace casefile::schema_detail
