#pragma once
// Reads who a client is: from `initialize`, or from the _meta of a modern request.

#include "mcp/client.h"
#include "mcp/params.h"

namespace casefile::mcp {

/// True when these _meta (or null) are those of a modern revision.
bool speaks_modern(const json::object* meta);

/// A modern request says all of it anew; nothing is remembered from the one before. `meta` may be null.
Answer<Peer> modern_peer(const json::object* meta);

/// Of the params of `initialize`; a revision that we do not know becomes the newest with a handshake.
Answer<Peer> introduced_peer(const json::object& params);

/// W3C trace context, version 00: "00-<32 hex>-<16 hex>-<2 hex>". Anything else is dropped, as that standard
/// says.
std::optional<std::string> trace_parent(const json::object* meta);

}  // namespace casefile::mcp
