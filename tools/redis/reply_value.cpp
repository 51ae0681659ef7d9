#include "tools/redis/reply_value.h"

#include <array>

#include "base/text.h"
#include "tools/preview.h"

namespace casefile::tools::redis {
namespace {

using sources::redis::Command;
using sources::redis::Reply;

bool is_list(const Reply& reply) { return reply.kind == Reply::Kind::array; }

json::value entries_value(const Reply& reply);
json::value facts_list(const Reply& reply);

/// A name and its value, as XINFO gives them.
json::value fact_value(const std::string& name, const Reply& reply) {
    if (name == "entries") return entries_value(reply);
    if (name == "groups" || name == "consumers") return facts_list(reply);
    if (name != "first-entry" && name != "last-entry") return value_of(reply);
    auto entry = entries_value({.kind = Reply::Kind::array, .text = {}, .items = {reply}});
    return entry.is_array() && entry.get_array().size() == 1 ? entry.get_array()[0] : value_of(reply);
}

/// Name and value in turn become an object where every name is text and there is none twice.
template <class ValueOf>
json::value object_of(const Reply& reply, const ValueOf& value_of_member) {
    if (!is_list(reply) || reply.items.size() % 2 != 0) return value_of(reply);
    json::object out;
    for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
        const auto name = shown_bytes(reply.items[i].text);
        if (!name.is_string() || out.contains(name.get_string())) return value_of(reply);
        out[name.get_string()] = value_of_member(reply.items[i].text, reply.items[i + 1]);
    }
    return out;
}

json::value fields_value(const Reply& reply) {
    return object_of(reply, [](const std::string&, const Reply& value) { return value_of(value); });
}

json::value facts_value(const Reply& reply) { return object_of(reply, fact_value); }

/// [id, [name, value, …]] each.
json::value entries_value(const Reply& reply) {
    if (!is_list(reply)) return value_of(reply);
    json::array out;
    for (const auto& entry : reply.items) {
        if (!is_list(entry) || entry.items.size() != 2) return value_of(reply);
        out.push_back({{"id", value_of(entry.items[0])}, {"fields", fields_value(entry.items[1])}});
    }
    return out;
}

/// Groups or consumers. Where XINFO STREAM gives their number alone, it stays a number.
json::value facts_list(const Reply& reply) {
    if (!is_list(reply)) return value_of(reply);
    json::array out;
    for (const auto& one : reply.items) out.push_back(facts_value(one));
    return out;
}

/// [key, entries] each.
json::value streams_value(const Reply& reply) {
    json::array out;
    for (const auto& stream : reply.items) {
        if (!is_list(stream) || stream.items.size() != 2) return value_of(reply);
        out.push_back({{"key", value_of(stream.items[0])}, {"entries", entries_value(stream.items[1])}});
    }
    return out;
}

/// Lists of so many items become objects with these names.
template <std::size_t Count>
json::value rows_value(const Reply& reply, const std::array<const char*, Count>& names) {
    if (!is_list(reply)) return value_of(reply);
    json::array out;
    for (const auto& row : reply.items) {
        if (!is_list(row) || row.items.size() != Count) return value_of(reply);
        json::object line;
        for (std::size_t i = 0; i < Count; ++i) line[names[i]] = value_of(row.items[i]);
        out.push_back(std::move(line));
    }
    return out;
}

/// XPENDING key group: a summary; with more arguments: one line for each entry.
json::value pending_value(const Command& command, const Reply& reply) {
    if (command.size() > 3) return rows_value(reply, std::array{"id", "consumer", "idle_ms", "deliveries"});
    if (reply.items.size() != 4) return value_of(reply);
    return json::object{{"pending", value_of(reply.items[0])},
                        {"first", value_of(reply.items[1])},
                        {"last", value_of(reply.items[2])},
                        {"consumers", rows_value(reply.items[3], std::array{"consumer", "pending"})}};
}

}  // namespace

json::value value_of(const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::nil:
            return nullptr;
        case Reply::Kind::integer:
            return json::value(std::to_string(reply.integer));
        case Reply::Kind::text:
        case Reply::Kind::status:
            return shown_bytes(reply.text);
        case Reply::Kind::error:
            return json::object{{"error", shown_bytes(reply.text)}};
        case Reply::Kind::array:
            break;
    }
    json::array items;
    items.reserve(reply.items.size());
    for (const auto& item : reply.items) items.push_back(value_of(item));
    return items;
}

json::value shaped_value(const Command& command, const Reply& reply) {
    if (!is_list(reply)) return value_of(reply);
    const auto name = upper(command.front());
    if (name == "HGETALL") return fields_value(reply);
    if (name == "XRANGE" || name == "XREVRANGE") return entries_value(reply);
    if (name == "XREAD") return streams_value(reply);
    if (name == "XPENDING") return pending_value(command, reply);
    if (name != "XINFO" || command.size() < 2) return value_of(reply);
    return equals_ignoring_case(command[1], "STREAM") ? facts_value(reply) : facts_list(reply);
}

}  // namespace casefile::tools::redis
