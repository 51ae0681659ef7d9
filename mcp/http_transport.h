#pragma once
// Streamable HTTP: the newer era statelessly, one POST at a time, and the older one with sessions, on one
// endpoint.

#include <map>
#include <memory>
#include <mutex>

#include "mcp/http_session.h"
#include "mcp/server.h"
#include "net/http.h"

namespace casefile::mcp {

/// The listener that calls it ends first, this next, the server last: until the listener has ended, a client
/// that goes away is still told to the server.
class HttpTransport {
  public:
    static constexpr std::size_t sessions_max = 1'000;
    static constexpr std::chrono::hours session_idle{8};

    explicit HttpTransport(Server& server) : server_(server) {}

    /// For the route /mcp. Never blocks.
    void handle(net::Request request, std::shared_ptr<net::Exchange> exchange);
    std::size_t sessions() const;

  private:
    using ExchangePtr = std::shared_ptr<net::Exchange>;
    using SessionPtr = std::shared_ptr<HttpSession>;

    void post(const net::Request& request, const ExchangePtr& exchange);
    void post_modern(const net::Request& request, const Incoming& incoming, const ExchangePtr& exchange);
    void post_in_session(const net::Request& request, const Incoming& incoming, const ExchangePtr& exchange);
    void begin_session(const net::Request& request, const Incoming& incoming, const ExchangePtr& exchange);
    void get(const net::Request& request, const ExchangePtr& exchange);
    void end_session(const net::Request& request, const ExchangePtr& exchange);
    /// The session that the request names, if it is there for this principal; otherwise the exchange is
    /// answered.
    SessionPtr find_session(const net::Request& request, const ExchangePtr& exchange);
    bool keep(const SessionPtr& session);
    void forget(const SessionPtr& session);
    /// What the caller lacks for these messages: the scopes it would need, or nothing.
    std::string missing_scopes(const net::Identity& identity, const Incoming& incoming) const;

    Server& server_;
    mutable std::mutex mutex_;
    std::map<std::string, SessionPtr> sessions_;
};

}  // namespace casefile::mcp
