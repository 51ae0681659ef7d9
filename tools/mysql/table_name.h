#pragma once
// How the tools name a table of MySQL: `table` in the source's own database, or `schema.table`.

#include <optional>
#include <string>

#include "base/json.h"

namespace casefile::tools::mysql {

struct TableName {
    std::optional<std::string> schema;
    std::string table;
};

inline TableName name_in(const std::string& text) {
    const auto dot = text.find('.');
    if (dot == std::string::npos) return {std::nullopt, text};
    return {text.substr(0, dot), text.substr(dot + 1)};
}

/// "DATABASE()", or a place for the schema's name, which is added to `params`.
inline std::string schema_in(const std::optional<std::string>& schema, json::array& params) {
    if (!schema) return "DATABASE()";
    params.emplace_back(*schema);
    return "?";
}

}  // namespace casefile::tools::mysql
