#include "mcp/message.h"

#include "tests/support/catch.h"

using namespace casefile;
using namespace casefile::mcp;

namespace {

/// What a text is read as: its kind, its id and, for what is malformed, the code and whether it is answered.
std::string read_as(std::string_view text) {
    const auto incoming = parse_message(text);
    std::string out = incoming.batch ? "batch of " + std::to_string(incoming.messages.size()) + ": " : "";
    const auto& message = incoming.messages.front();
    const auto id_text = [](const RequestId& id) { return json::serialize(to_json(id)); };
    if (const auto* request = std::get_if<Request>(&message))
        return out + "request " + id_text(request->id) + " " + request->method + " " +
               json::serialize(request->params);
    if (const auto* notification = std::get_if<Notification>(&message))
        return out + "notification " + notification->method;
    if (const auto* response = std::get_if<Response>(&message)) {
        const auto* error = std::get_if<RpcError>(&response->outcome);
        return out + (error != nullptr ? "error " + std::to_string(error->code) : "response") + " " +
               id_text(response->id);
    }
    const auto& malformed = std::get<Malformed>(message);
    return out + (malformed.answered ? "malformed " + std::to_string(malformed.error.code) : "dropped") +
           " " + (malformed.id ? id_text(*malformed.id) : "null");
}

std::string nested(std::size_t depth) {
    return R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":)" + std::string(depth, '[') +
           std::string(depth, ']') + "}}";
}

}  // namespace

TEST_CASE("every text is read as one message or refused with the code of JSON-RPC") {
    struct Row {
        std::string text, expected, why;
    };
    const std::vector<Row> table{
        {R"({"jsonrpc":"2.0","id":1,"method":"ping"})", R"(request 1 ping {})", "an integer id"},
        {R"({"jsonrpc":"2.0","id":"a","method":"ping","params":{"x":1}})", R"(request "a" ping {"x":1})",
         "a string id"},
        {R"({"jsonrpc":"2.0","id":-3,"method":"ping"})", "request -3 ping {}", "integers may be negative"},
        {R"({"jsonrpc":"2.0","id":1,"method":"ping","params":null})", "request 1 ping {}",
         "some clients write null"},
        {R"({"jsonrpc":"2.0","method":"x"})", "notification x", "no id"},
        {R"({"jsonrpc":"2.0","id":2,"result":{}})", "response 2", "an answer to us"},
        {R"({"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"no"}})", "error -1 2", "an error for us"},
        {R"({"jsonrpc":"2.0","id":2,"result":3})", "error -32603 2", "a result has to be an object"},
        {R"({"id":2,"result":{}})", "dropped null", "responses are never answered"},
        {R"({"jsonrpc":"2.0","id":null,"error":{}})", "dropped null",
         "nor when we cannot tell what they answer"},
        {R"({"jsonrpc":"2.0","method":"x","params":[1]})", "dropped null",
         "notifications are never answered"},
        {"", "malformed -32700 null", "nothing"},
        {"{", "malformed -32700 null", "cut off"},
        {"{} {}", "malformed -32700 null", "two documents"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", "malformed -32700 null", "not UTF-8"},
        {"\xEF\xBB\xBF{}", "malformed -32700 null", "a byte order mark"},
        {R"({"a":"\ud800"})", "malformed -32700 null", "half a surrogate pair"},
        {nested(65), "malformed -32700 null", "too deep"},
        {nested(100'000), "malformed -32700 null", "deep enough to exhaust a stack"},
        {"3", "malformed -32600 null", "not an object"},
        {"{}", "malformed -32600 null", "an empty object"},
        {R"({"jsonrpc":"2.0","id":7})", "malformed -32600 7", "neither method nor result"},
        {R"({"jsonrpc":"1.0","id":7,"method":"x"})", "malformed -32600 7", "another JSON-RPC"},
        {R"({"id":7,"method":"x"})", "malformed -32600 7", "no JSON-RPC version"},
        {R"({"jsonrpc":"2.0","id":null,"method":"x"})", "malformed -32600 null", "MCP has no null ids"},
        {R"({"jsonrpc":"2.0","id":1.5,"method":"x"})", "malformed -32600 null", "a fraction"},
        {R"({"jsonrpc":"2.0","id":{},"method":"x"})", "malformed -32600 null", "an object"},
        {R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"x"})", "malformed -32600 null",
         "beyond 64 bits"},
        {R"({"jsonrpc":"2.0","id":7,"method":3})", "malformed -32600 7", "a method is a string"},
        {R"({"jsonrpc":"2.0","id":7,"method":"x","params":[1]})", "malformed -32602 7", "params by position"},
        {R"({"jsonrpc":"2.0","id":7,"method":"x","params":"y"})", "malformed -32602 7",
         "params of another type"},
        {"[]", "malformed -32600 null", "an empty batch"},
        {R"([{"jsonrpc":"2.0","method":"x"},2])", "batch of 2: notification x",
         "each item is read by itself"},
    };
    for (const auto& row : table) {
        INFO(row.why << ": " << row.text.substr(0, 200));
        CHECK(read_as(row.text) == row.expected);
    }
}

TEST_CASE("a batch above the limit is refused as a whole") {
    std::string text = "[1";
    for (std::size_t i = 0; i < batch_max; ++i) text += ",1";

    CHECK(read_as(text + "]") == "malformed -32600 null");
}

TEST_CASE("what is written can be read again") {
    CHECK(read_as(json::serialize(make_request(std::string("a"), "m", {{"x", 1}}))) ==
          R"(request "a" m {"x":1})");
    CHECK(read_as(json::serialize(make_notification("n", {}))) == "notification n");
    CHECK(read_as(json::serialize(make_result(4, {}))) == "response 4");
    CHECK(read_as(json::serialize(make_error(RequestId(4), {.code = -5, .message = "no"}))) == "error -5 4");
}
