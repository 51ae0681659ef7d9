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
    std::set<TaskName> tasks;
};

class Subscriptions {
  public:
    /// Streams that may be open at once, over all clients.
    static constexpr std::size_t streams_max = 2'048;

    /// What tells of tasks that need no further change to be told.
    using TasksNow = std::function<std::vector<json::object>(const std::set<std::string>& ids)>;

    /// Acknowledges, tells what `tasks_now` gives, and keeps the reply open until it is cancelled. False, and
    /// the reply left, when there are too many.
    bool open(const std::shared_ptr<Client>& client, std::unique_ptr<Reply>& reply, ChangeFilter filter,
              const TasksNow& tasks_now);
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
        std::map<std::string, std::size_t> told_first;  ///< hashes of what open() told of tasks, by id

        /// The news of a change may come after open() told what the task came to.
        bool knows(const Change& change);
    };

    void close_if(const std::function<bool(const Stream&)>& is_over);

    mutable std::mutex mutex_;
    std::list<Stream> streams_;
    std::list<std::weak_ptr<Client>> clients_;
};

}  // namespace casefile::mcp
