#include "net/oauth.h"

#include <boost/url.hpp>

#include "base/json.h"
#include "base/loopback.h"
#include "base/text.h"
#include "net/key_file.h"

namespace casefile::net {
namespace {

constexpr std::size_t token_bytes_max = 16'384;
constexpr std::size_t subject_bytes_max = 256;
constexpr std::string_view well_known = "/.well-known/oauth-protected-resource";

Result<void> check_url(const std::string& name, const std::string& text) {
    const auto url = boost::urls::parse_absolute_uri(text);
    const auto fine =
        url && !url->encoded_host().empty() && !url->has_userinfo() && !url->has_query() &&
        (url->scheme() == "https" || (url->scheme() == "http" && is_loopback(url->host_address())));
    if (fine) return {};
    return invalid(
        name + ": expected an https URL without user, query and fragment (http for loopback alone), got '" +
        shorten(printable(text), 80) + "'");
}

Challenge invalid_token(std::string description) {
    return {.error = "invalid_token", .description = std::move(description)};
}

/// What is wrong with one claim; nothing when it is fine.
using Problem = std::optional<std::string>;

Problem check_audience(const json::object& claims, const std::string& audience) {
    const auto is_ours = [&](const json::value& one) {
        return one.is_string() && one.get_string() == audience;
    };
    if (const auto* given = member(claims, "aud")) {
        const auto* several = given->if_array();
        if (several != nullptr ? std::any_of(several->begin(), several->end(), is_ours) : is_ours(*given))
            return std::nullopt;
    }
    return "wrong audience: expected " + audience + "; ask for a token with that resource";
}

/// A NumericDate up to the year 9999. None when the claim is missing; a problem when it is something else.
struct Moment {
    std::optional<WallTime> at;
    Problem problem;
};

Moment moment_of(const json::object& claims, const std::string& name) {
    const auto* value = member(claims, name);
    if (value == nullptr) return {};
    constexpr double seconds_max = 253'402'300'799.0;
    if (value->is_number()) {
        const auto seconds = value->to_number<double>();
        if (seconds >= 0 && seconds <= seconds_max)
            return {.at = WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1'000))),
                    .problem = {}};
    }
    return {.at = {}, .problem = name + ": expected seconds since 1970, got another value"};
}

Problem check_times(const json::object& claims, WallTime now, std::chrono::seconds leeway) {
    const auto expires = moment_of(claims, "exp");
    if (expires.problem) return expires.problem;
    if (!expires.at) return "exp: expected the time at which the token expires, got none";
    if (now >= *expires.at + leeway)
        return "expired at " + rfc3339(*expires.at) + ": expected a token that is valid at " + rfc3339(now);
    for (const std::string name : {"nbf", "iat"}) {
        const auto begins = moment_of(claims, name);
        if (begins.problem) return begins.problem;
        if (begins.at && *begins.at > now + leeway)
            return "not valid before " + rfc3339(*begins.at) + " (" + name +
                   "): expected a token that is valid at " + rfc3339(now);
    }
    return std::nullopt;
}

Problem check_subject(const json::object& claims) {
    const auto subject = string_or(claims, "sub");
    if (!subject.empty() && subject.size() <= subject_bytes_max && printable(subject) == subject)
        return std::nullopt;
    return "sub: expected 1.." + std::to_string(subject_bytes_max) + " bytes of printable text";
}

/// Of `scope`, else of `scp`: words in one string, or an array of them. Others than ours are passed over.
std::set<std::string> scopes_of(const json::object& claims) {
    const auto* given = member(claims, "scope");
    if (given == nullptr) given = member(claims, "scp");
    std::vector<std::string> words;
    if (given != nullptr && given->is_string()) words = split(std::string(given->get_string()), ' ');
    if (given != nullptr && given->is_array())
        for (const auto& one : given->get_array())
            if (one.is_string()) words.emplace_back(one.get_string());
    std::set<std::string> scopes;
    for (const auto* known : {"read", "confirm"})
        if (std::find(words.begin(), words.end(), known) != words.end()) scopes.insert(known);
    return scopes;
}

std::variant<Identity, Challenge> judge(const json::object& claims, const OAuthOptions& options,
                                        WallTime now) {
    if (string_or(claims, "iss") != options.issuer)
        return invalid_token("wrong issuer: expected " + options.issuer);
    if (const auto problem = check_audience(claims, options.audience)) return invalid_token(*problem);
    if (const auto problem = check_times(claims, now, options.leeway)) return invalid_token(*problem);
    if (const auto problem = check_subject(claims)) return invalid_token(*problem);
    auto scopes = scopes_of(claims);
    if (!scopes.contains("read"))
        return Challenge{.status = 403,
                         .error = "insufficient_scope",
                         .description = "the token lacks a scope: expected read; get a token that has it",
                         .scope = "read"};
    return Identity{.principal = options.issuer + "#" + string_or(claims, "sub"),
                    .scopes = std::move(scopes)};
}

Handler metadata_handler(const OAuthOptions& options) {
    const json::object metadata{{"resource", options.audience},
                                {"authorization_servers", json::array{options.issuer}},
                                {"scopes_supported", json::array{"read", "confirm"}},
                                {"bearer_methods_supported", json::array{"header"}},
                                {"resource_name", "casefile"}};
    return [body = json::serialize(metadata)](const Request& request,
                                              const std::shared_ptr<Exchange>& exchange) {
        if (request.method == "GET" || request.method == "HEAD")
            return exchange->respond({.content_type = "application/json", .body = body});
        auto refused = error_response(405, "method not allowed: expected GET or HEAD", "read it with GET");
        refused.headers.add("Allow", "GET, HEAD");
        exchange->respond(std::move(refused));
    };
}

}  // namespace

Result<void> check_urls(const OAuthOptions& options) {
    if (auto checked = check_url("issuer", options.issuer); !checked) return checked;
    return check_url("audience", options.audience);
}

Result<Authenticator> oauth_authenticator(OAuthOptions options, const Clock& clock) {
    if (auto checked = check_urls(options); !checked) return checked.error();
    auto opened = KeyFile::open(options.jwks_file, options.report_problem);
    if (!opened) return opened.error();
    const auto keys = std::make_shared<KeyFile>(*std::move(opened));
    return [options = std::move(options), keys,
            &clock](std::string_view token) -> std::variant<Identity, Challenge> {
        if (token.size() > token_bytes_max)
            return invalid_token("token too long: expected at most " + std::to_string(token_bytes_max) +
                                 " bytes, got " + std::to_string(token.size()));
        const auto claims = keys->current().verify(token);
        if (!claims) return invalid_token(claims.error().message);
        return judge(*claims, options, clock.now());
    };
}

Authenticator first_of(Authenticator first, Authenticator second) {
    return [first = std::move(first), second = std::move(second)](std::string_view token) {
        auto verdict = first(token);
        return std::holds_alternative<Identity>(verdict) ? verdict : second(token);
    };
}

std::string resource_metadata_url(const std::string& audience) {
    const boost::urls::url_view url(audience);
    const auto path = std::string(url.encoded_path());
    return std::string(url.encoded_origin()) + std::string(well_known) + (path == "/" ? "" : path);
}

void add_resource_metadata(Router& router, const OAuthOptions& options) {
    const auto handler = metadata_handler(options);
    const auto own = resource_metadata_url(options.audience);
    const std::string root(well_known);
    for (const auto& path : {root, root + "/mcp", own.substr(own.find(root))})
        router.add(path, Access::open, handler);
}

}  // namespace casefile::net
