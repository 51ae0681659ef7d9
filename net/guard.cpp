#include "net/guard.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "net/cross_origin.h"

namespace casefile::net {
namespace {

std::string digest(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.digest();
}

std::string quoted(std::string_view text) {
    std::string shown = "\"";
    for (const char c : text) shown += c < 0x20 || c > 0x7e || c == '"' || c == '\\' ? ' ' : c;
    return shown + "\"";
}

std::string shown(std::string_view foreign) { return "'" + shorten(printable(foreign), 80) + "'"; }

/// The host of "host", "host:port", "[v6]" or "[v6]:port" in lower case; empty when it is none of them.
std::string host_of(std::string_view authority) {
    const auto end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
    const auto length = authority.starts_with('[') && end != std::string_view::npos ? end + 1 : end;
    const auto host = authority.substr(0, length);
    const auto rest = authority.substr(host.size());
    const auto port = rest.substr(rest.empty() ? 0 : 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!rest.empty() && (rest[0] != ':' || port.empty() || port.size() > 5)) return {};
    return std::all_of(port.begin(), port.end(), is_digit) ? lower(host) : std::string{};
}

bool is_ours(std::string_view authority, const std::set<std::string>& hosts) {
    const auto host = host_of(authority);
    if (host.empty()) return false;
    if (host == "localhost" || host == "127.0.0.1" || host == "[::1]") return true;
    return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& allowed) {
        return equals_ignoring_case(allowed, authority) || equals_ignoring_case(allowed, host);
    });
}

std::optional<Response> check_host(const Headers& headers, const GuardOptions& options) {
    const auto* host = headers.find("Host");
    if (host != nullptr && is_ours(*host, options.hosts)) return std::nullopt;
    const auto fields = headers.count("Host");
    const auto got = host != nullptr ? shown(*host)
                     : fields == 0   ? "none"
                                     : std::to_string(fields) + " of them";
    // RFC 9112, section 3.2: a request without the field, or with two of them, is none.
    return error_response(host == nullptr ? 400 : 403,
                          "host not allowed: expected localhost or a configured name, got " + got,
                          "use the address that the server printed, or have the operator add the name");
}

std::optional<Response> check_origin(const Headers& headers, const GuardOptions& options) {
    const auto fields = headers.count("Origin");
    if (fields == 0) return std::nullopt;
    const auto* origin = headers.find("Origin");
    if (origin != nullptr) {
        if (options.origins.contains(*origin)) return std::nullopt;
        for (const std::string_view scheme : {"http://", "https://"})
            if (origin->starts_with(scheme) &&
                is_ours(std::string_view(*origin).substr(scheme.size()), options.hosts))
                return std::nullopt;
    }
    const auto got = origin != nullptr ? shown(*origin) : std::to_string(fields) + " of them";
    return error_response(403,
                          "origin not allowed: expected one of this host's or a configured one, got " + got,
                          "a web page elsewhere may not ask; have the operator add its origin if it should");
}

/// The configured origin of the page that asks; null for whoever else does.
const std::string* page_of(const Headers& headers, const GuardOptions& options) {
    const auto* origin = headers.find("Origin");
    return origin != nullptr && options.origins.contains(*origin) ? origin : nullptr;
}

bool announces_body(const Headers& headers) {
    if (headers.count("Transfer-Encoding") > 0) return true;
    const auto* length = headers.find("Content-Length");
    return length != nullptr && length->find_first_not_of('0') != std::string::npos;
}

Response broken() {
    return error_response(500, "internal error: expected an answer, got an exception",
                          "try again; report a bug if it happens twice");
}

/// The token of "Bearer <token>"; none when there is no such field, or more than one.
std::optional<std::string_view> bearer_token(const Headers& headers) {
    const auto* field = headers.find("Authorization");
    if (field == nullptr) return std::nullopt;
    const std::string_view value = *field;
    constexpr std::string_view scheme = "bearer ";
    if (!equals_ignoring_case(value.substr(0, scheme.size()), scheme)) return std::nullopt;
    const auto token = trim(value.substr(scheme.size()));
    return token.empty() ? std::nullopt : std::optional(token);
}

Response refuse(const Challenge& challenge, const GuardOptions& options) {
    // RFC 6750 section 3: the scheme is followed by one parameter at least.
    std::vector<std::string> parameters{R"(realm="casefile")"};
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) parameters.push_back(std::string(name) + "=" + quoted(value));
    };
    add("error", challenge.error);
    if (!challenge.error.empty()) add("error_description", challenge.description);
    add("scope", challenge.scope.empty() ? options.scope : challenge.scope);
    add("resource_metadata", options.resource_metadata_url);
    const auto hint = options.resource_metadata_url.empty()
                          ? "send Authorization: Bearer with the token that casefile token prints"
                          : "send Authorization: Bearer with a token of the server that the metadata names";
    auto response = error_response(challenge.status, challenge.description, hint);
    response.headers.add("WWW-Authenticate", "Bearer " + join(parameters, ", "));
    return response;
}

}  // namespace

Authenticator token_authenticator(const Secret& token, std::string principal) {
    // Hashes are of one length, so that the comparison does not tell that of the token.
    return [expected = digest(token.reveal()), empty = token.empty(),
            principal = std::move(principal)](std::string_view given) -> std::variant<Identity, Challenge> {
        if (equal_in_constant_time(digest(given), expected) && !empty)
            return Identity{.principal = principal, .scopes = {"read", "confirm"}};
        return Challenge{
            .error = "invalid_token",
            .description = "token not accepted: expected the one of this installation, got another"};
    };
}

Router::Router(GuardOptions options) : options_(std::move(options)) {}

void Router::add(std::string path, Access access, Handler handler) {
    routes_.insert_or_assign(std::move(path), Route{access, std::move(handler)});
}

std::optional<Response> Router::admit(Request& head) const {
    try {
        if (auto refused = check_host(head.headers, options_)) return refused;
        if (auto refused = check_origin(head.headers, options_)) return refused;
        const auto* page = page_of(head.headers, options_);
        if (page != nullptr)
            if (auto answer = answer_preflight(head, *page)) return answer;
        auto refused = check_caller(head);
        if (refused && page != nullptr) let_read(*page, refused->headers);
        head.admitted = !refused;
        return refused;
    } catch (const std::exception&) {
        return broken();
    }
}

std::optional<Response> Router::check_caller(Request& head) const {
    const auto route = routes_.find(head.path);
    if (route == routes_.end() || route->second.access == Access::token) {
        const auto token = bearer_token(head.headers);
        if (!token) {
            const auto fields = head.headers.count("Authorization");
            const auto got = fields == 0 ? "none" : fields == 1 ? "another scheme" : "several fields";
            const auto message = std::string("not authorised: expected one bearer token, got ") + got;
            return refuse({.description = message}, options_);
        }
        auto verdict = options_.authenticate(*token);
        if (const auto* challenge = std::get_if<Challenge>(&verdict)) return refuse(*challenge, options_);
        head.identity = std::get<Identity>(std::move(verdict));
    }
    if (route == routes_.end())
        return error_response(404, "path not found: expected a route, got " + shown(head.path),
                              "the protocol is spoken at /mcp");
    if (route->second.access == Access::open && announces_body(head.headers))
        return error_response(413, "request body: expected none on this route, got one",
                              "ask without a body");
    return std::nullopt;
}

void Router::handle(Request request, std::shared_ptr<Exchange> exchange) const {
    if (!request.admitted)
        if (auto answer = admit(request)) return exchange->respond(*std::move(answer));
    try {
        if (const auto* page = page_of(request.headers, options_)) exchange = readable_from(*page, exchange);
        const auto& route = routes_.at(request.path);
        route.handler(std::move(request), exchange);
    } catch (const std::exception&) {
        exchange->respond(broken());
    }
}

}  // namespace casefile::net
