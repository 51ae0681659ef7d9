#include "tools/redis/next_diff.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::redis {
namespace {

constexpr const char* value_readers[] = {"GET", "HGET", "HMGET", "HGETALL", "JSON.GET"};

/// `order:` and `7`.
struct Entity {
    std::string prefix, id;
};

std::optional<Entity> entity_of(const sources::redis::Command& command) {
    if (command.size() < 2) return std::nullopt;
    const auto name = upper(command.front());
    const auto reads = std::ranges::any_of(value_readers, [&](const char* one) { return name == one; });
    const auto& key = command[1];
    const auto colon = key.rfind(':');
    // In a key template a brace would begin a placeholder.
    if (!reads || colon == std::string::npos || colon + 1 == key.size() ||
        key.find_first_of("{}") != std::string::npos)
        return std::nullopt;
    return Entity{key.substr(0, colon + 1), key.substr(colon + 1)};
}

bool holds(const QueriedRows& queried, std::size_t column, const std::string& value) {
    return std::ranges::any_of(queried.rows, [&](const auto& row) { return row[column] == value; });
}

/// The column that holds the id: one called so before others, as small numbers stand in many.
std::optional<std::string> column_of(const QueriedRows& queried, const std::string& id) {
    std::optional<std::string> found;
    for (std::size_t i = 0; i < queried.columns.size(); ++i) {
        const auto name = lower(queried.columns[i]);
        const bool of_ids = name == "id" || name.ends_with("_id") || name == "sku" || name == "uuid";
        if (!holds(queried, i, id)) continue;
        if (of_ids) return queried.columns[i];
        if (!found && id.size() >= 4) found = queried.columns[i];
    }
    return found;
}

}  // namespace

std::optional<json::object> next_diff(const QueriedRows& queried,
                                      std::span<const sources::redis::Command> commands) {
    for (const auto& command : commands) {
        const auto entity = entity_of(command);
        if (!entity) continue;
        const auto column = column_of(queried, entity->id);
        if (!column || column->find_first_of("{}") != std::string::npos) continue;
        return json::object{{"left", {{"mysql", {{"sql", queried.sql}}}}},
                            {"right", {{"redis", {{"key_template", entity->prefix + "{" + *column + "}"}}}}}};
    }
    return std::nullopt;
}

}  // namespace casefile::tools::redis
