#pragma once
// Responses and events as the bytes of HTTP/1.1. Values cannot break out of their line.

#include <string>
#include <string_view>

#include "net/http.h"

namespace casefile::net {

/// What the client of one response can take.
struct Reply {
    bool keep_alive = true;
    bool head_only = false;  ///< HEAD: the same fields, no body
    bool chunked = true;     ///< false for HTTP/1.0, where the end of the connection ends a stream
};

std::string encode_response(const Response& response, const Reply& reply);
std::string encode_stream_head(const Headers& headers, const Reply& reply);

/// An event in the lines of text/event-stream.
std::string encode_event(const Event& event);

/// `text` as one chunk of a stream.
std::string encode_chunk(std::string_view text, const Reply& reply);
std::string_view last_chunk(const Reply& reply);

}  // namespace casefile::net
