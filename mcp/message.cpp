#include "mcp/message.h"

namespace casefile::mcp {
namespace {

/// Deep enough for any tool's arguments, and far from what would exhaust a stack.
constexpr std::size_t depth_max = 64;

Malformed invalid_request(std::optional<RequestId> id, std::string message) {
    return {.id = std::move(id), .error = {.code = rpc::invalid_request, .message = std::move(message)}};
}

std::variant<json::object, RpcError> read_outcome(const json::object& object) {
    if (const auto* result = object.if_contains("result"); result != nullptr && result->is_object())
        return result->get_object();
    RpcError error{.message = "the response holds neither a result object nor an error"};
    if (const auto* failure = object.if_contains("error"); failure != nullptr && failure->is_object()) {
        const auto& members = failure->get_object();
        const auto* code = members.if_contains("code");
        if (code != nullptr && code->is_int64()) error.code = static_cast<int>(code->get_int64());
        error.message = string_or(members, "message", error.message);
        if (const auto* data = members.if_contains("data")) error.data = *data;
    }
    return error;
}

/// Something with an id and no method: an answer to a request of ours.
Message read_response(const json::object& object, const std::optional<RequestId>& id) {
    if (!id || string_or(object, "jsonrpc") != "2.0")
        return Malformed{
            .id = {},
            .error = {.code = rpc::invalid_request,
                      .message = "a response: expected jsonrpc \"2.0\" and the id of a request of ours"},
            .answered = false};
    return Response{.id = *id, .outcome = read_outcome(object)};
}

/// Takes the params out of `value`: they may be large.
Message read_one(json::value& value) {
    auto* object = value.if_object();
    if (object == nullptr)
        return invalid_request({}, std::string("a message: expected an object, got ") + type_name(value));

    const auto* id_value = object->if_contains("id");
    std::optional<RequestId> id;
    if (id_value != nullptr) id = read_id(*id_value);

    const auto* method = object->if_contains("method");
    if (method == nullptr && (object->contains("result") || object->contains("error")))
        return read_response(*object, id);
    if (string_or(*object, "jsonrpc") != "2.0") return invalid_request(id, "jsonrpc: expected \"2.0\"");
    if (method == nullptr)
        return invalid_request(id, "expected a method, a result or an error, got none of them");
    if (!method->is_string())
        return invalid_request(id, std::string("method: expected a string, got ") + type_name(*method));
    if (id_value != nullptr && !id)
        return invalid_request(
            {}, std::string("id: expected a string or an integer of 64 bits, got ") + type_name(*id_value));

    // Some clients write the params that they leave out as null; nothing is lost by taking it so.
    auto* params = object->if_contains("params");
    const bool absent = params == nullptr || params->is_null();
    if (!absent && !params->is_object()) {
        return Malformed{
            .id = id,
            .error = {.code = rpc::invalid_params,
                      .message = std::string("params: expected an object, got ") + type_name(*params)},
            .answered = id.has_value()};
    }
    auto name = std::string(method->get_string());
    auto members = absent ? json::object() : std::move(params->get_object());
    if (id) return Request{.id = *id, .method = std::move(name), .params = std::move(members)};
    return Notification{.method = std::move(name), .params = std::move(members)};
}

}  // namespace

std::optional<RequestId> read_id(const json::value& value) {
    if (value.is_int64()) return value.get_int64();
    if (value.is_string()) return std::string(value.get_string());
    return std::nullopt;
}

Incoming parse_message(std::string_view text) {
    Incoming incoming;
    auto parsed = parse_json(text, depth_max);
    if (!parsed) {
        incoming.messages.emplace_back(Malformed{
            .id = {},
            .error = {.code = rpc::parse_error, .message = "parse error: " + parsed.error().message}});
        return incoming;
    }
    auto* items = parsed->if_array();
    if (items == nullptr) {
        incoming.messages.push_back(read_one(*parsed));
        return incoming;
    }
    if (items->empty() || items->size() > batch_max) {
        incoming.messages.emplace_back(invalid_request({}, "a batch: expected 1.." +
                                                               std::to_string(batch_max) + " messages, got " +
                                                               std::to_string(items->size())));
        return incoming;
    }
    incoming.batch = true;
    for (auto& item : *items) incoming.messages.push_back(read_one(item));
    return incoming;
}

std::size_t expected_answers(const Incoming& incoming) {
    std::size_t answers = 0;
    for (const auto& message : incoming.messages) {
        const auto* malformed = std::get_if<Malformed>(&message);
        if (std::holds_alternative<Request>(message) || (malformed != nullptr && malformed->answered))
            ++answers;
    }
    return answers;
}

json::value to_json(const RequestId& id) {
    return std::visit([](const auto& value) { return json::value(value); }, id);
}

json::object make_request(const RequestId& id, std::string_view method, json::object params) {
    return {{"jsonrpc", "2.0"}, {"id", to_json(id)}, {"method", method}, {"params", std::move(params)}};
}

json::object make_notification(std::string_view method, json::object params) {
    return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

json::object make_result(const RequestId& id, json::object result) {
    return {{"jsonrpc", "2.0"}, {"id", to_json(id)}, {"result", std::move(result)}};
}

json::object make_error(const std::optional<RequestId>& id, const RpcError& error) {
    json::object body{{"code", error.code}, {"message", error.message}};
    if (error.data) body["data"] = *error.data;
    json::object out{{"jsonrpc", "2.0"}};
    // An unknown id is left out. MCP has no null ids, whatever JSON-RPC says; an error without one is in its
    // schema since 2025-11-25 and in its words on HTTP since 2025-03-26. The older schemas have neither, and
    // before the first request nobody knows which it will be.
    if (id) out["id"] = to_json(*id);
    out["error"] = std::move(body);
    return out;
}

}  // namespace casefile::mcp
