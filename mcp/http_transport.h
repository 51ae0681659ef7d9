#pragma once
// Streamable HTTP: the newer era statelessly, one POST at a time, and the older one with sessions, on one
// endpoint.

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "mcp/http_session.h"
#include "mcp/server.h"
#include "net/http.h"

namespace casefile::mcp {

/// The listener that calls it ends first, this next, the server last: until the listener has ended, a client
/// that goes away is still told to the server.
class HttpTransport {
  public:
    static constexpr std::size_t sessions_max = 1'000;
    static constexpr std::size_t principal_sessions_max = 100;
    static constexpr std::chrono::hours session_idle{8};

    /// `resource_metadata_url`: where RFC 9728 metadata is, for WWW-Authenticate; empty without OAuth.
    explicit HttpTransport(Server& server, std::string resource_metadata_url = {})
        : server_(server), resource_metadata_url_(std::move(resource_metadata_url)) {}

    /// For the route /mcp. Never blocks.
    void handle(net::Request request, std::shared_ptr<net::Exchange> exchange);
    std::size_t sessions() const;

  private:
    using ExchangePtr = std::shared_ptr<net::Exchange>;
    using SessionPtr = std::shared_ptr<HttpSession>;

    void post(const net::Request& request, const ExchangePtr& exchange);
    void post_modern(const net::Request& request, const Incoming& incoming, const ExchangePtr& exchange);
    void post_in_session(const net::Request& request, Incoming incoming, const ExchangePtr& exchange);
    void begin_session(const net::Request& request, const Incoming& incoming, const ExchangePtr& exchange);
    void get(const net::Request& request, const ExchangePtr& exchange);
    void end_session(const net::Request& request, const ExchangePtr& exchange);
    /// The session that the request names, if it is there for this principal and speaks the revision that
    /// the headers name; otherwise the exchange is answered.
    SessionPtr find_session(const net::Request& request, const std::optional<RequestId>& id,
                            const ExchangePtr& exchange);
    /// True when no client would miss it now: nobody listens, and no call is in flight.
    bool is_idle(const HttpSession& session) const;
    /// Ends what was idle for too long, and where there is no room, the principal's own session that was idle
    /// the longest. Why there is no room all the same, or nothing.
    std::optional<std::string> keep(const SessionPtr& session);
    void forget(const SessionPtr& session);
    /// True when the caller's token has "read" and these; otherwise the exchange is answered.
    bool has_scopes(std::set<std::string> needed, const net::Request& request,
                    const std::optional<RequestId>& id, const ExchangePtr& exchange) const;
    bool may_answer(const net::Request& request) const;
    /// What these requests need besides "read".
    std::set<std::string> scopes_to_ask(const Incoming& incoming) const;
    /// What these answers to questions of the session need. Answers to no open question are dropped.
    std::set<std::string> scopes_to_answer(const HttpSession& session, Incoming& incoming) const;

    Server& server_;
    const std::string resource_metadata_url_;
    mutable std::mutex mutex_;
    std::map<std::string, SessionPtr> sessions_;
};

}  // namespace casefile::mcp
