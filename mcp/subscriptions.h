#pragma once
// Who wants to hear of changes: requests subscriptions/listen of the newer era, which stay open, and clients
// of the older one. Safe to use from any thread.

#include <list>
#include <memory>
#include <set>

#include "mcp/changes.h"
#include "mcp/client.h"

namespace casefile::mcp {

/// What one subscription asks for.
struct ChangeFilter {
    bool tools = false, prompts = false, resources = false;
    std::set<std::string> uris, tasks;
};
json::object to_json(const ChangeFilter& filter);

/// What anybody asks for of that which other processes may change.
struct Wanted {
    bool resources = false;
    std::set<std::string> uris;
};

class Subscriptions {
  public:
    /// Streams that may be open at once, over all clients.
    static constexpr std::size_t streams_max = 2'048;

    /// Acknowledges, and keeps the reply open until it is cancelled. False, and the reply left, when there
    /// are too many.
    bool open(const std::shared_ptr<Client>& client, std::unique_ptr<Reply>& reply, ChangeFilter filter);
    bool is_open(const Client& client, const RequestId& id) const;
    /// After this, nothing more is sent for that request. An unknown id is ignored.
    void cancel(const Client& client, const RequestId& id);
    void cancel_all(const Client& client);

    /// A client of the older era, for as long as it exists.
    void add(const std::shared_ptr<Client>& client);

    void publish(const Change& change);
    /// Nothing when nobody listens to any of it.
    std::optional<Wanted> wanted() const;

    /// Ends every stream in good order: `result` makes the answer.
    void end(const std::function<json::object()>& result);

  private:
    struct Stream {
        std::shared_ptr<Client> client;
        std::unique_ptr<Reply> reply;
        ChangeFilter filter;
    };

    void close_if(const std::function<bool(const Stream&)>& is_over);

    mutable std::mutex mutex_;
    std::list<Stream> streams_;
    std::list<std::weak_ptr<Client>> clients_;
};

}  // namespace casefile::mcp
