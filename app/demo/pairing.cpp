#include "app/demo/pairing.h"

#include "base/text.h"

namespace casefile::app {
namespace {

constexpr std::size_t kinds_max = 8;
constexpr std::int64_t keys_min = 20;  // fewer keys are no cache of a table

/// The members of a cached value: of a JSON object, or the fields of a hash.
std::vector<std::string> members_of(const json::value& value) {
    std::vector<std::string> members;
    if (value.is_string()) {
        const auto parsed = parse_json(value.get_string());
        if (parsed && parsed->is_object())
            for (const auto& pair : parsed->get_object()) members.emplace_back(pair.key());
    } else if (const auto* object = value.if_object()) {
        for (const auto& pair : *object) members.emplace_back(pair.key());
    } else if (const auto* array = value.if_array()) {
        for (std::size_t i = 0; i + 1 < array->size(); i += 2)
            if ((*array)[i].is_string()) members.emplace_back((*array)[i].get_string());
    }
    return members;
}

const json::array& array_of(const json::object& answer, const char* name) {
    static const json::array none;
    const auto* value = answer.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

/// Puts `{column}` where `id` stands in `key`.
std::string template_from(const std::string& key, const std::string& id, const std::string& column) {
    const auto at = key.rfind(id);
    return key.substr(0, at) + "{" + column + "}" + key.substr(at + id.size());
}

/// Which part of the sample key is an id of the table? Asks the table for all of them at once.
Result<std::string> id_within(Conversation& talk, const Table& table, const std::string& key) {
    const auto parts = split(key, ':');
    json::array params;
    std::string marks;
    for (const auto& part : parts) {
        params.emplace_back(part);
        marks += marks.empty() ? "?" : ", ?";
    }
    // Compared as text: a number column would read 'product' as 0.
    const auto column = "`" + table.key + "`";
    auto rows =
        talk.quietly("query_mysql", {{"sql", "SELECT CAST(" + column + " AS CHAR) AS id FROM `" + table.name +
                                                 "` WHERE CAST(" + column + " AS CHAR) IN (" + marks + ")"},
                                     {"params", std::move(params)},
                                     {"task", "key-parts"}});
    if (!rows) return rows.error();
    const auto& found = array_of(*rows, "rows");
    return found.empty() ? std::string() : std::string(found.front().at(0).as_string());
}

}  // namespace

Result<std::vector<Table>> read_tables(Conversation& talk) {
    auto answer = talk.ask("query_mysql",
                           {{"sql",
                             "SELECT table_name, column_name, column_key FROM information_schema.columns "
                             "WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"},
                            {"preview_tokens_max", 10'000},
                            {"task", "columns"}},
                           "which columns could a cache have copied?");
    if (!answer) return answer.error();
    std::vector<Table> tables;
    for (const auto& row : array_of(*answer, "rows")) {
        const std::string table(row.at(0).as_string()), column(row.at(1).as_string()),
            key(row.at(2).as_string());
        if (tables.empty() || tables.back().name != table)
            tables.push_back({.name = table, .key = {}, .columns = {}});
        auto& current = tables.back();
        current.columns.push_back(column);
        if (key == "PRI") current.key = current.key.empty() ? column : "\n";
    }
    std::erase_if(tables, [](const Table& table) { return table.key.empty() || table.key == "\n"; });
    talk.say(std::to_string(tables.size()) + " tables with a primary key of one column");
    return tables;
}

Result<std::vector<KeyKind>> read_key_kinds(Conversation& talk) {
    auto scanned = talk.ask("scan_redis", {{"match", "*"}, {"task", "keys"}},
                            "which kinds of keys does the cache hold?");
    if (!scanned) return scanned.error();
    std::vector<KeyKind> kinds;
    json::array types;
    for (const auto& item : array_of(*scanned, "patterns")) {
        const auto& pattern = item.as_object();
        KeyKind kind{.pattern = string_or(pattern, "pattern"), .example = string_or(pattern, "example")};
        if (const auto* keys = pattern.if_contains("keys"); keys != nullptr && keys->is_int64())
            kind.keys = keys->get_int64();
        talk.say(kind.pattern + ": " + std::to_string(kind.keys) + " keys");
        if (kind.keys < keys_min || kinds.size() == kinds_max) continue;
        types.push_back({"TYPE", kind.example});
        kinds.push_back(std::move(kind));
    }
    if (kinds.empty()) return kinds;
    auto told = talk.quietly("read_redis", {{"commands", std::move(types)}, {"task", "types"}});
    if (!told) return told.error();
    json::array reads;
    const auto& replies = array_of(*told, "replies");
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const auto type = i < replies.size() ? string_or(replies[i].as_object(), "value") : "";
        kinds[i].read = type == "hash" ? "HGETALL" : type == "string" ? "GET" : "TYPE";
        reads.push_back({kinds[i].read, kinds[i].example});
    }
    auto samples = talk.ask("read_redis", {{"commands", std::move(reads)}, {"task", "samples"}},
                            "one sample of each kind: what does a cached value hold?");
    if (!samples) return samples.error();
    const auto& values = array_of(*samples, "replies");
    for (std::size_t i = 0; i < kinds.size() && i < values.size(); ++i)
        if (const auto* value = values[i].as_object().if_contains("value"))
            kinds[i].members = members_of(*value);
    return kinds;
}

Result<std::optional<Pair>> find_pair(Conversation& talk, const std::vector<Table>& tables,
                                      const std::vector<KeyKind>& kinds) {
    std::vector<Pair> candidates;
    for (const auto& kind : kinds)
        for (const auto& table : tables) {
            Pair pair{.table = table, .kind = kind, .key_template = {}, .fields = {}, .sample_id = {}};
            for (const auto& column : table.columns)
                if (column != table.key &&
                    std::find(kind.members.begin(), kind.members.end(), column) != kind.members.end())
                    pair.fields.push_back(column);
            if (!pair.fields.empty()) candidates.push_back(std::move(pair));
        }
    std::stable_sort(candidates.begin(), candidates.end(), [](const Pair& l, const Pair& r) {
        return std::pair(l.fields.size(), l.kind.keys) > std::pair(r.fields.size(), r.kind.keys);
    });
    for (auto& pair : candidates) {
        auto id = id_within(talk, pair.table, pair.kind.example);
        if (!id) return id.error();
        if (id->empty()) continue;
        pair.sample_id = *id;
        pair.key_template = template_from(pair.kind.example, *id, pair.table.key);
        return std::optional<Pair>(std::move(pair));
    }
    return std::optional<Pair>();
}

}  // namespace casefile::app
