#pragma once
// What a browser has to hear before it lets a page of another origin ask, and read the answers (CORS).

#include "net/http.h"

namespace casefile::net {

/// The answer to a browser that asks, without any token, what the page may send; none when the request is
/// another.
std::optional<Response> answer_preflight(const Request& request, const std::string& origin);

/// Lets pages of `origin` read an answer with these fields.
void let_read(const std::string& origin, Headers& headers);

/// Lets pages of `origin` read whatever is answered.
std::shared_ptr<Exchange> readable_from(std::string origin, std::shared_ptr<Exchange> exchange);

}  // namespace casefile::net
