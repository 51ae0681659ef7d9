#include "tools/redis/masked.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "tools/redis/look_first.h"

namespace casefile::tools::redis {
namespace {

using Kind = Reply::Kind;

constexpr policy::MaskLabel secret = "secret";

/// Replaces every value in a reply.
void hide(const Masks& masks, policy::MaskLabel label, Reply& reply) {
    if (reply.kind == Kind::text || reply.kind == Kind::status) reply.text = masks.token(label, reply.text);
    for (auto& item : reply.items) hide(masks, label, item);
}

void show_payload(const Masks& masks, Reply& reply) {
    if (reply.kind == Kind::text || reply.kind == Kind::status || reply.kind == Kind::error)
        reply.text = masks.payload(reply.text);
    for (auto& item : reply.items) show_payload(masks, item);
}

void show_field(const Masks& masks, std::string_view name, Reply& reply) {
    const auto label = masks.rules().of_field(name);
    if (label.empty())
        show_payload(masks, reply);
    else
        hide(masks, label, reply);
}

/// Field and value in turn.
void show_pairs(const Masks& masks, Reply& reply) {
    for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
        show_field(masks, reply.items[i].text, reply.items[i + 1]);
}

void show_keys(const Masks& masks, Reply& reply) {
    if (reply.kind == Kind::text) reply.text = masks.key_name(reply.text);
    for (auto& item : reply.items) show_keys(masks, item);
}

/// [id, [field, value, …]] wherever it stands: entries of streams.
void show_entries(const Masks& masks, Reply& reply) {
    const bool is_entry = reply.items.size() == 2 && reply.items[0].kind == Kind::text &&
                          reply.items[1].kind == Kind::array && !reply.items[1].items.empty() &&
                          reply.items[1].items[0].kind == Kind::text;
    if (is_entry) return show_pairs(masks, reply.items[1]);
    if (reply.kind != Kind::array) return show_payload(masks, reply);
    for (auto& item : reply.items) show_entries(masks, item);
}

void show_hash(const Masks& masks, const std::string& name, const Command& command, Reply& reply) {
    if (name == "HGET" && command.size() > 2) return show_field(masks, command[2], reply);
    if (name == "HMGET") {
        for (std::size_t i = 0; i < reply.items.size() && i + 2 < command.size(); ++i)
            show_field(masks, command[i + 2], reply.items[i]);
        return;
    }
    if (name == "HSCAN" && reply.items.size() == 2) return show_pairs(masks, reply.items[1]);
    const bool with_values = equals_ignoring_case(command.back(), "WITHVALUES");
    if (name == "HGETALL" || (name == "HRANDFIELD" && with_values)) return show_pairs(masks, reply);
    show_payload(masks, reply);
}

/// Paths of RedisJSON name members, or hide which member they reach.
void show_json(const Masks& masks, const Command& command, Reply& reply) {
    for (std::size_t i = 2; i < command.size(); ++i) {
        const std::string_view path = command[i];
        if (path == "." || path == "$") continue;
        const auto leg =
            path.substr(std::min(path.size(), path.find_last_of(".[\"'", path.find_last_not_of("\"']")) + 1));
        const auto name = leg.substr(0, leg.find_first_of("\"']"));
        const auto label = masks.rules().of_field(name);
        if (path.find('*') != std::string_view::npos) return hide(masks, secret, reply);
        if (!label.empty()) return hide(masks, label, reply);
    }
    show_payload(masks, reply);
}

Reply error_reply(std::string text) { return {.kind = Kind::error, .text = std::move(text)}; }

bool is_range(const Command& command) {
    const auto name = upper(command.front());
    return (name == "GETRANGE" || name == "SUBSTR") && command.size() > 2;
}

/// Of a string only some characters or bits.
bool reads_part(const Command& command) {
    const auto name = upper(command.front());
    return is_range(command) || name == "GETBIT" || name == "BITPOS" || name == "BITCOUNT" ||
           name == "BITFIELD_RO";
}

bool has_word(const Command& command, std::string_view word) {
    return std::any_of(command.begin(), command.end(),
                       [&](const std::string& one) { return equals_ignoring_case(one, word); });
}

/// Of a collection what matches a pattern, or lies between two texts, which finds a value letter by letter.
bool looks_into_values(const Command& command) {
    const auto name = upper(command.front());
    if (name == "ZRANGEBYLEX" || name == "ZREVRANGEBYLEX" || name == "ZLEXCOUNT") return true;
    if (name == "ZRANGE") return has_word(command, "BYLEX");
    return (name == "HSCAN" || name == "SSCAN" || name == "ZSCAN") && has_word(command, "MATCH");
}

/// The pattern of a SCAN.
std::string pattern_of(const Command& command) {
    std::string pattern = "*";
    for (std::size_t i = 2; i + 1 < command.size(); ++i)
        if (equals_ignoring_case(command[i], "MATCH")) pattern = command[i + 1];
    return pattern;
}

/// Of the first masked key that the command reads.
policy::MaskLabel label_of_keys(const Masks& masks, const std::string& name, const Command& command) {
    if (name != "XREAD" && name != "JSON.MGET") {
        const auto key = first_key(command);
        return key ? masks.rules().of_key(*key).label : policy::MaskLabel();
    }
    for (std::size_t i = 1; i < command.size(); ++i)
        if (const auto label = masks.rules().of_key(command[i]).label; !label.empty()) return label;
    return {};
}

/// What these answer is about a key, and none of its value.
bool tells_no_value(const std::string& name) {
    static const std::set<std::string, std::less<>> names = {"TYPE", "OBJECT", "MEMORY", "PING"};
    return names.contains(name);
}

}  // namespace

Reply masked(const Masks& masks, const Command& command, Reply reply) {
    if (command.empty()) return reply;
    const auto name = upper(command.front());
    if (tells_no_value(name)) return reply;
    if (name == "SCAN" && reply.items.size() == 2)
        std::erase_if(reply.items[1].items, [&, pattern = pattern_of(command)](const Reply& key) {
            return tells_of_name(masks, pattern, key.text);
        });
    if (name == "SCAN" || (name == "CLUSTER" && command.size() > 1)) {
        show_keys(masks, reply);
        return reply;
    }
    if (name == "MGET") {
        for (std::size_t i = 0; i < reply.items.size() && i + 1 < command.size(); ++i)
            reply.items[i] = masked(masks, {"GET", command[i + 1]}, std::move(reply.items[i]));
        return reply;
    }
    if (const auto label = label_of_keys(masks, name, command); !label.empty()) {
        // The token of a part would be that of a guess.
        if (reads_part(command))
            return error_reply("this key holds a masked value, which is not read in parts");
        if (looks_into_values(command))
            return error_reply(
                "this key holds masked values, which are not looked for by pattern or order; ask without");
        hide(masks, label, reply);
        return reply;
    }
    if (name.starts_with("H") && command.size() > 1)
        show_hash(masks, name, command, reply);
    else if (name.starts_with("X"))
        show_entries(masks, reply);
    else if (name == "JSON.GET" || name == "JSON.MGET")
        show_json(masks, command, reply);
    else
        show_payload(masks, reply);
    return reply;
}

bool tells_of_name(const Masks& masks, std::string_view pattern, std::string_view key) {
    const auto found = masks.rules().of_key(key);
    if (found.label.empty()) return false;
    const auto begin = std::min(pattern.find_first_of("*?[\\"), pattern.size());
    return begin > found.shown || pattern.substr(begin) != "*";
}

std::optional<Command> whole_of(const Command& command, std::int64_t bytes_max) {
    // What begins at the beginning still has the names of its members.
    if (command.size() < 2 || !reads_part(command) || (is_range(command) && command[2] == "0"))
        return std::nullopt;
    return Command{"GETRANGE", command[1], "0", std::to_string(bytes_max - 1)};
}

Reply masked_part(const Masks& masks, const Command& command, const Reply& whole, std::int64_t bytes_max,
                  Reply part) {
    if (whole.kind != Kind::text || !masks.rules().of_key(command[1]).label.empty())
        return masked(masks, command, std::move(part));
    if (masks.payload(whole.text) != whole.text)
        return error_reply(
            "this value holds something masked, and a part of it cannot be told from that; read it "
            "whole with GET");
    if (std::cmp_less(whole.text.size(), bytes_max)) return part;
    if (!is_range(command) || part.kind != Kind::text)
        return error_reply(
            "this value is too long to tell whether bits of it are masked; read it with GETRANGE");
    part.text = masks.fragment(part.text);
    return part;
}

Command masked(const Masks& masks, const Command& command) {
    Command out;
    bool under_secret = false;
    for (const auto& argument : command) {
        const auto found = masks.rules().of_key(argument);
        if (out.empty())
            out.push_back(argument);
        else if (!found.label.empty())
            out.push_back(masks.key_name(argument));
        else
            out.push_back(under_secret ? masks.token(secret, argument) : masks.text(argument));
        under_secret = under_secret || !found.label.empty();
    }
    return out;
}

std::string masked_line(const Masks& masks, std::string_view line) {
    if (line.starts_with('#')) return std::string(line);
    Command words;
    for (auto& word : split(line, ' ')) words.push_back(std::move(word));
    return masks.text(join(masked(masks, words), " "));
}

}  // namespace casefile::tools::redis
