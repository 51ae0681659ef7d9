#include "tools/asked.h"

#include "base/text.h"
#include "policy/sql_literals.h"
#include "tools/csv.h"
#include "tools/redis/masked.h"

namespace casefile::tools {
namespace {

constexpr policy::MaskLabel secret = "secret";

std::string masked_sql(const Masks& masks, std::string_view sql) {
    return policy::mask_literals(sql, masks.rules(), masks.tokens());
}

/// The first line of a CSV document names its columns.
bool has_masked_column(const Masks& masks, std::string_view text) {
    for (const auto& name : split(text.substr(0, text.find_first_of("\r\n")), ','))
        if (!masks.rules().of_column(trim(name)).empty() || !masks.rules().of_field(trim(name)).empty())
            return true;
    return false;
}

json::value masked_commands(const Masks& masks, const json::array& commands) {
    json::array out;
    for (const auto& command : commands) {
        sources::redis::Command words;
        if (const auto* items = command.if_array())
            for (const auto& item : *items)
                words.push_back(item.is_string() ? std::string(item.get_string()) : json::serialize(item));
        const auto shown = redis::masked(masks, words);
        out.push_back(json::array(shown.begin(), shown.end()));
    }
    return out;
}

/// Parameters of a statement whose literals are masked are masked all: which is which tells the statement.
json::value masked_params(const Masks& masks, const json::value& params, bool names_masked) {
    if (!names_masked || !params.is_array()) return masks.document(params);
    json::array out;
    for (const auto& item : params.get_array())
        out.push_back(item.is_string()   ? json::value(masks.token(secret, item.get_string()))
                      : item.is_number() ? json::value(masks.token(secret, canonical(item)))
                                         : item);
    return out;
}

/// Arguments that are Redis keys, patterns of them, or keys of messages.
bool is_key_name(std::string_view name) { return name == "match" || name == "key" || name == "key_template"; }

json::object masked_object(const Masks& masks, const json::object& object) {
    json::object out;
    const auto sql = string_or(object, "sql");
    const bool names_masked = !sql.empty() && policy::names_masked_column(sql, masks.rules());
    for (const auto& pair : object) {
        const auto& value = pair.value();
        if (pair.key() == "sql" && value.is_string())
            out["sql"] = masked_sql(masks, sql);
        else if (pair.key() == "params")
            out["params"] = masked_params(masks, value, names_masked);
        else if (pair.key() == "commands" && value.is_array())
            out["commands"] = masked_commands(masks, value.get_array());
        else if (pair.key() == "text" && value.is_string() && has_masked_column(masks, value.get_string()))
            out["text"] = masks.token(secret, value.get_string());
        else if (is_key_name(pair.key()) && value.is_string())
            out[pair.key()] = masks.key_name(value.get_string());
        else
            out[pair.key()] = masked_arguments(masks, value);
    }
    return out;
}

}  // namespace

json::value masked_arguments(const Masks& masks, const json::value& value) {
    if (const auto* object = value.if_object()) return masked_object(masks, *object);
    if (const auto* items = value.if_array()) {
        json::array out;
        for (const auto& item : *items) out.push_back(masked_arguments(masks, item));
        return out;
    }
    return value.is_string() ? json::value(masks.payload(value.get_string())) : value;
}

bool holds_what_was_asked(std::string_view file) {
    for (const auto* end : {".sql", ".redis", ".kafka.json", ".input.json"})
        if (file.ends_with(end)) return true;
    // <task>.json: a task has no dot, and outputs have the name of their kind before it.
    return file.ends_with(".json") && file.find('.') == file.size() - 5;
}

std::string masked_asked(const Masks& masks, std::string_view file, std::string_view text) {
    if (file.ends_with(".sql")) return masked_sql(masks, text);
    if (file.ends_with(".redis")) {
        std::string out;
        for (const auto& line : split(text, '\n'))
            out += (out.empty() ? "" : "\n") + redis::masked_line(masks, line);
        return out;
    }
    const auto parsed = parse_json(text);
    return parsed ? canonical(masked_arguments(masks, *parsed)) + "\n" : masks.payload(text);
}

}  // namespace casefile::tools
