#pragma once
// casefile as an OAuth 2.1 resource server: access tokens (JWT) of one authorization server, checked offline
// with its published keys, and the document that tells clients where to get them (RFC 9728).

#include <chrono>
#include <filesystem>

#include "base/clock.h"
#include "net/guard.h"

namespace casefile::net {

struct OAuthOptions {
    std::string issuer;    ///< the authorization server, as `iss` names it
    std::string audience;  ///< the URL at which clients reach the protocol; `aud` has to contain it
    std::filesystem::path jwks_file;
    std::chrono::seconds leeway{60};  ///< by how much two clocks may differ
    /// Told once for each change of the file that cannot be used; the keys before it stay. On the I/O thread.
    std::function<void(const Error&)> report_problem;
};

/// Both have to be URLs without user, query and fragment, over https unless they name loopback.
Result<void> check_urls(const OAuthOptions& options);

/// The principal is "<issuer>#<subject>"; of the scopes, read and confirm count. The file is read now, and
/// again at the first token after it changed. `clock` has to outlive the authenticator.
Result<Authenticator> oauth_authenticator(OAuthOptions options, const Clock& clock);

/// Whoever one of the two lets in; the second's challenge when neither does.
Authenticator first_of(Authenticator first, Authenticator second);

/// Where the metadata of `audience`, which passed check_urls(), is (RFC 9728, 3.1): for
/// GuardOptions::resource_metadata_url.
std::string resource_metadata_url(const std::string& audience);

/// Offers the metadata to everybody: at the root of the well-known path, for /mcp, and for the audience's own
/// path.
void add_resource_metadata(Router& router, const OAuthOptions& options);

}  // namespace casefile::net
