#pragma once
// Who is at the other end, and what they understand.

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "mcp/reply.h"
#include "mcp/revision.h"
#include "mcp/tool.h"

namespace casefile::mcp {

/// The severities of MCP's logging, least first; nothing for another word.
std::optional<int> log_severity(std::string_view level);
inline constexpr const char* log_levels = "debug, info, notice, warning, error, critical, alert or emergency";

/// What a client said about itself: in `initialize`, or with each request of a modern revision.
struct Peer {
    const Revision* revision = nullptr;
    std::string client;  ///< name and version as given, for the record
    Abilities can;       ///< what it can be asked
    bool knows_tasks = false;
    std::optional<int> log_severity;  ///< from which on it wants log messages
};

/// One client: a process on stdio, a session of the older HTTP, one POST of the newer. Safe to use from any
/// thread.
class Client {
  public:
    static constexpr std::size_t subscriptions_max = 1'000;

    /// `modern_only`: there is no handshake here, so each request has to say who sends it. `pushes` takes
    /// what belongs to no request; null where there is no way for that.
    Client(std::string principal, std::shared_ptr<Outbox> pushes, bool modern_only = false)
        : principal_(std::move(principal)), pushes_(std::move(pushes)), modern_only_(modern_only) {}

    const std::string& principal() const { return principal_; }
    bool modern_only() const { return modern_only_; }

    /// Its token lacks the scope of those who answer: it is asked nothing, whatever it declares.
    void ask_nothing() { may_be_asked_ = false; }
    bool may_be_asked() const { return may_be_asked_; }

    /// The client as `initialize` introduced it, for requests without modern _meta.
    std::optional<Peer> session() const;
    void begin_session(Peer peer);
    void set_log_severity(int severity);

    /// False, with nothing done, when it has `subscriptions_max` others.
    bool subscribe(const std::string& uri);
    void unsubscribe(const std::string& uri);
    bool is_subscribed(const std::string& uri) const;
    std::set<std::string> subscribed() const;
    /// Sends a notification that belongs to no request; only to a client with a session.
    void push(const json::object& notification);

  private:
    const std::string principal_;
    const std::shared_ptr<Outbox> pushes_;
    const bool modern_only_;
    std::atomic<bool> may_be_asked_{true};
    mutable std::mutex mutex_;
    std::optional<Peer> session_;
    std::set<std::string> subscribed_;
};

}  // namespace casefile::mcp
