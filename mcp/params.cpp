#include "mcp/params.h"

#include "base/text.h"

namespace casefile::mcp {

RpcError invalid_params(std::string message) {
    return {.code = rpc::invalid_params, .message = std::move(message)};
}

RpcError expected(std::string_view key, std::string_view what, std::string_view got) {
    std::string message(key);
    message.append(": expected ").append(what).append(", got ").append(got);
    return invalid_params(std::move(message));
}

std::string shown(std::string_view text) { return shorten(printable(text), 100); }

RpcError unknown_method(std::string_view name) {
    return {.code = rpc::method_not_found, .message = "unknown method: " + shown(name), .http_status = 404};
}

Answer<const json::object*> optional_object(const json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    if (value == nullptr || value->is_null()) return nullptr;
    if (const auto* object = value->if_object()) return object;
    return expected(key, "an object", type_name(*value));
}

Answer<const json::object*> required_object(const json::object& from, std::string_view key) {
    const auto object = optional_object(from, key);
    if (object && *object == nullptr) return expected(key, "an object", "nothing");
    return object;
}

Answer<std::string> required_string(const json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    if (value == nullptr) return expected(key, "a string", "nothing");
    if (value->is_string()) return std::string(value->get_string());
    return expected(key, "a string", type_name(*value));
}

Answer<std::map<std::string, std::string>> optional_strings(const json::object& from, std::string_view key) {
    const auto object = optional_object(from, key);
    if (!object) return object.error();
    std::map<std::string, std::string> out;
    if (*object == nullptr) return out;
    for (const auto& pair : **object) {
        auto value = required_string(**object, pair.key());
        if (!value) return value.error();
        out[std::string(pair.key())] = *std::move(value);
    }
    return out;
}

}  // namespace casefile::mcp
