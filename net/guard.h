#pragma once
// What every request has to pass before its route sees it: Host, Origin, bearer token. The first two defend a
// loopback server against web pages (DNS rebinding), on every route and method.

#include <functional>
#include <map>
#include <variant>

#include "base/secret.h"
#include "net/http.h"

namespace casefile::net {

/// Why a token does not count. `description` is told to the client.
struct Challenge {
    int status = 401;
    std::string error;  ///< of RFC 6750: "invalid_token", "insufficient_scope"; empty when no token came
    std::string description;
    std::string scope = {};  ///< what would do, where scopes are missing
};

/// Tells whose token it is. Called on the I/O thread.
using Authenticator = std::function<std::variant<Identity, Challenge>(std::string_view bearer_token)>;

struct GuardOptions {
    std::set<std::string> hosts;    ///< besides localhost, 127.0.0.1 and [::1], with or without a port
    std::set<std::string> origins;  ///< besides http and https on those hosts; whole, as a browser sends them
    Authenticator authenticate;
    /// Where RFC 9728 metadata is, for WWW-Authenticate; empty without OAuth.
    std::string resource_metadata_url;
    std::string scope;  ///< what a token needs at least, for challenges that name none; empty without OAuth
};

enum class Access {
    token,
    open,            ///< to anybody, who may not send a body
    open_with_body,  ///< to anybody: for servers that have no token
};

/// One token for all that this installation may do: scopes read and confirm. An empty token lets nobody in.
Authenticator token_authenticator(const Secret& token, std::string principal);

/// Routes by path; the guard stands before each. Unknown paths are 404 only for those with a token. Pages of
/// `origins` may ask first, without a token, and read the answers; never those of other origins.
class Router {
  public:
    explicit Router(GuardOptions options);
    void add(std::string path, Access access, Handler handler);

    /// For Listener::open(): decides by the head alone. An answer instead of the handler's; none, and the
    /// request is noted as admitted, with who asks.
    std::optional<Response> admit(Request& head) const;
    /// Admits it first unless that was done.
    void handle(Request request, std::shared_ptr<Exchange> exchange) const;

  private:
    std::optional<Response> check_caller(Request& head) const;

    struct Route {
        Access access;
        Handler handler;
    };
    GuardOptions options_;
    std::map<std::string, Route, std::less<>> routes_;
};

}  // namespace casefile::net
