#include "mcp/http_rules.h"

#include <algorithm>

#include "base/text.h"
#include "mcp/peer.h"

namespace casefile::mcp {
namespace {

RpcError differs(std::string_view header, std::string_view expected, std::string_view got) {
    std::string message(header);
    message.append(": expected ").append(shorten(printable(expected), 200));
    message.append(", as in the body, got ").append(shorten(printable(got), 200));
    return {.code = rpc::header_mismatch, .message = std::move(message), .http_status = 400};
}

/// True for what a value may hold as it is ("Value Encoding"): visible ASCII, spaces and tabs.
bool is_plain(std::string_view value) {
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return (c >= 0x20 && c <= 0x7e) || c == '\t'; });
}

const char* why_unreadable(std::string_view value) {
    return is_plain(value) ? "broken Base64"
                           : "bytes that a header cannot hold as they are: write =?base64?...?=";
}

const json::object* meta_of(const json::object& params) {
    const auto* meta = params.if_contains("_meta");
    return meta == nullptr ? nullptr : meta->if_object();
}

/// The header has to be there once and, decoded, be `wanted`.
std::optional<RpcError> compare(const net::Headers& headers, const std::string& header,
                                std::string_view wanted, bool may_be_encoded) {
    const auto* raw = headers.find(header);
    if (raw == nullptr) return differs(header, wanted, headers.count(header) == 0 ? "nothing" : "several");
    const auto value = may_be_encoded || !is_plain(*raw) ? header_value(*raw) : std::string(trim(*raw));
    if (!value) return differs(header, wanted, why_unreadable(*raw));
    if (*value != wanted) return differs(header, wanted, *value);
    return std::nullopt;
}

/// The member of params that Mcp-Name repeats; null for a method without one.
const char* name_member(Method method) {
    switch (method) {
        case Method::tools_call:
        case Method::prompts_get:
            return "name";
        case Method::resources_read:
            return "uri";
        case Method::tasks_get:
        case Method::tasks_update:
        case Method::tasks_cancel:
            return "taskId";
        default:
            return nullptr;
    }
}

const json::value* find_argument(const json::object& arguments, const std::vector<std::string>& path) {
    const json::value* found = nullptr;
    const auto* object = &arguments;
    for (const auto& name : path) {
        found = object == nullptr ? nullptr : object->if_contains(name);
        if (found == nullptr || found->is_null()) return nullptr;
        object = found->if_object();
    }
    return found;
}

bool same(const json::value& argument, const std::string& text) {
    if (argument.is_string()) return argument.get_string() == text;
    if (argument.is_bool()) return text == (argument.get_bool() ? "true" : "false");
    const auto number = parse_json(text);
    return number && number->is_number() && argument.is_number() &&
           number->to_number<double>() == argument.to_number<double>();
}

std::optional<RpcError> argument_problem(const net::Headers& headers, const Request& request,
                                         const Catalog& catalog) {
    const auto& annotated = catalog.headers_of(string_or(request.params, "name"));
    const auto* given = request.params.if_contains("arguments");
    const json::object none;
    const auto& arguments = given != nullptr && given->is_object() ? given->get_object() : none;
    for (const auto& one : annotated) {
        const auto header = "Mcp-Param-" + one.header;
        const auto* argument = find_argument(arguments, one.path);
        const auto count = headers.count(header);
        if (argument == nullptr) {
            if (count > 0) return differs(header, "no such header", "one");
            continue;
        }
        const auto shown =
            argument->is_string() ? std::string(argument->get_string()) : json::serialize(*argument);
        if (count != 1) return differs(header, shown, count == 0 ? "nothing" : "several");
        const auto value = header_value(*headers.find(header));
        if (!value) return differs(header, shown, why_unreadable(*headers.find(header)));
        if (!same(*argument, *value)) return differs(header, shown, *value);
    }
    return std::nullopt;
}

}  // namespace

bool is_modern_post(const net::Headers& headers, const Incoming& incoming) {
    // What is sent in a session is the session's, whatever its header says: there it is looked at.
    const bool in_session = headers.count(session_header) > 0;
    if (const auto* header = headers.find(version_header); header != nullptr && !in_session) {
        const auto* revision = find_revision(trim(*header));
        if (revision == nullptr || revision->modern) return true;
    }
    if (incoming.batch) return false;
    const auto* request = std::get_if<Request>(&incoming.messages.front());
    return request != nullptr && speaks_modern(meta_of(request->params));
}

std::optional<std::string> header_value(std::string_view raw) {
    constexpr std::string_view begin = "=?base64?", end = "?=";
    if (!is_plain(raw)) return std::nullopt;
    const auto text = trim(raw);
    if (text.size() < begin.size() + end.size() || !text.starts_with(begin) || !text.ends_with(end))
        return std::string(text);
    std::string decoded;
    if (!from_base64(text.substr(begin.size(), text.size() - begin.size() - end.size()), decoded))
        return std::nullopt;
    return decoded;
}

std::optional<RpcError> header_problem(const net::Headers& headers, const Request& request,
                                       const Catalog& catalog) {
    const auto* meta = meta_of(request.params);
    const auto peer = modern_peer(meta);
    if (!peer && peer.error().code != rpc::unsupported_protocol_version) return std::nullopt;
    if (auto problem = compare(headers, version_header, string_or(*meta, meta_key::version), false))
        return problem;
    if (!peer) return std::nullopt;
    if (auto problem = compare(headers, "Mcp-Method", request.method, false)) return problem;
    const auto method = find_method(*peer->revision, request.method);
    if (!method) return std::nullopt;
    if (const auto* member = name_member(*method)) {
        const auto* name = request.params.if_contains(member);
        if (name != nullptr && name->is_string())
            if (auto problem = compare(headers, "Mcp-Name", name->get_string(), true)) return problem;
    }
    return method == Method::tools_call ? argument_problem(headers, request, catalog) : std::nullopt;
}

}  // namespace casefile::mcp
