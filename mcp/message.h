#pragma once
// JSON-RPC 2.0 messages as types. The only place that reads or writes them; it knows no method and no
// revision.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace casefile::mcp {

/// The error codes that casefile sends.
namespace rpc {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int resource_not_found = -32002;  ///< before 2026-07-28 only
inline constexpr int header_mismatch = -32020;
inline constexpr int missing_client_capability = -32021;
inline constexpr int unsupported_protocol_version = -32022;
}  // namespace rpc

/// MCP allows strings and integers, and unlike JSON-RPC no null.
using RequestId = std::variant<std::int64_t, std::string>;

struct RpcError {
    int code = rpc::internal_error;
    std::string message;
    std::optional<json::value> data = {};
    int http_status = 200;  ///< which transports/streamable-http of revision 2026-07-28 wants beside it
};

struct Request {
    RequestId id;
    std::string method;
    json::object params;
};

struct Notification {
    std::string method;
    json::object params;
};

struct Response {
    RequestId id;
    std::variant<json::object, RpcError> outcome;
};

/// What could not be taken as a message. Answered with `error`, and without an id where none could be read;
/// dropped when `answered` is false, because responses and notifications are never answered. HTTP, where
/// every POST has an answer, refuses those with `error` too.
struct Malformed {
    std::optional<RequestId> id;
    RpcError error;
    bool answered = true;
};

using Message = std::variant<Request, Notification, Response, Malformed>;

/// One line of input: one message, or the several of a batch.
struct Incoming {
    bool batch = false;
    std::vector<Message> messages;
};

/// Never fails: what cannot be read comes back as Malformed. A batch holds at most `batch_max` messages.
Incoming parse_message(std::string_view text);
inline constexpr std::size_t batch_max = 100;

/// How many of these messages will be answered: requests, and what is broken enough to be told so.
std::size_t expected_answers(const Incoming& incoming);

json::value to_json(const RequestId& id);
json::object make_request(const RequestId& id, std::string_view method, json::object params);
json::object make_notification(std::string_view method, json::object params);
json::object make_result(const RequestId& id, json::object result);

/// What a method came to: the members of its result, some of which may be JSON text already.
struct MethodResult {
    MethodResult(json::object all_members) : members(std::move(all_members)) {}  // NOLINT: any result is one

    json::object members;
    std::string written = {};  ///< further members as they stand in the text: "name":value and commas between
};
/// Without an id, where none could be read.
json::object make_error(const std::optional<RequestId>& id, const RpcError& error);

/// Strings and integers are ids and progress tokens; anything else is neither.
std::optional<RequestId> read_id(const json::value& value);

}  // namespace casefile::mcp
