#pragma once
// What a schema knows of its fields, whatever struct they belong to. Included by base/schema.h alone:
// Schema<T> is the only one that hands over a struct, and always its own T. Some hundred structs have a
// schema; what does not depend on the struct is compiled once.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/schema_codec.h"

namespace casefile::schema_detail {

struct Field {
    using Check = std::function<Result<void>(std::string_view path, const json::value& value)>;

    std::string name, description;
    json::object fragment;
    bool required = true;
    bool takes_null = false;
    std::vector<Check> checks = {};
    /// `owner` is the struct that the field is a member of.
    std::function<Result<void>(void* owner, const json::value& from, std::string_view path)> read = {};
    /// Leaves `to` alone where an optional member is empty.
    std::function<void(const void* owner, const std::string& name, json::object& to)> write = {};
};

/// Everything that builds one is cold: it runs once, when the program starts, and the code of a hundred
/// tools' schemas should lie together, away from what calls need.
class Fields {
  public:
    [[gnu::cold]] void add(Field field) { fields_.push_back(std::move(field)); }

    // Of the field added last.
    [[gnu::cold]] void require(bool required) { fields_.back().required = required; }
    [[gnu::cold]] void limit_range(std::int64_t low, std::int64_t high);
    [[gnu::cold]] void limit_length(std::size_t low, std::size_t high);
    [[gnu::cold]] void limit_choices(std::vector<std::string> values);

    [[gnu::cold]] void leave_open() { closed_ = false; }
    /// Once: reading and writing do without the fragments, which move into the document.
    [[gnu::cold]] json::object take_json_schema();
    std::vector<std::string> names() const;
    const std::vector<Field>& all() const { return fields_; }

    Result<void> read(void* owner, const json::value& from, std::string_view path) const;
    json::object write(const void* owner) const;

  private:
    bool knows(std::string_view name) const;

    std::vector<Field> fields_;
    bool closed_ = true;
};

}  // namespace casefile::schema_detail
