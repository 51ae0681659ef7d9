#pragma once
// What revision 2026-07-28 wants of the headers of a POST, as pure functions
// (basic/transports/streamable-http, "Request Metadata").

#include <optional>
#include <string>

#include "mcp/catalog.h"
#include "mcp/message.h"
#include "net/http.h"

namespace casefile::mcp {

inline constexpr const char* session_header = "Mcp-Session-Id";
inline constexpr const char* version_header = "MCP-Protocol-Version";

/// True when headers or body say that this is the newer era: `_meta` of a modern revision, or, outside of a
/// session, a version header that names none of the older ones.
bool is_modern_post(const net::Headers& headers, const Incoming& incoming);

/// The value of a header as the client meant it: `=?base64?...?=` decoded, anything else as it is. Nothing
/// when the Base64 between the markers is none, and for what is not plain ASCII.
std::optional<std::string> header_value(std::string_view raw);

/// What is wrong with the headers of a modern request: -32020, with HTTP status 400. Nothing when they are
/// right, and where the server itself answers with an error that goes first: incomplete `_meta`, an unknown
/// version or method.
std::optional<RpcError> header_problem(const net::Headers& headers, const Request& request,
                                       const Catalog& catalog);

}  // namespace casefile::mcp
