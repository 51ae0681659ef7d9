#pragma once
// What each method of MCP does with its params: an answer at once, or work for a worker.

#include "mcp/calls.h"
#include "mcp/params.h"
#include "mcp/subscriptions.h"
#include "mcp/tasks.h"

namespace casefile::mcp {

struct Methods {
    const ServerInfo& info;
    const ServerOptions& options;
    const Catalog& catalog;
    Tasks& tasks;
    Subscriptions& subscriptions;

    using Doing = std::variant<json::object, Work>;

    /// True when this server has what the method is about.
    bool offers(Method method) const;

    /// Everything but subscriptions/listen.
    Answer<Doing> begin(Method method, const json::object& params, const Peer& peer,
                        const std::shared_ptr<Client>& client) const;

    /// The part of what subscriptions/listen asks for that this client will hear of.
    Answer<ChangeFilter> change_filter(const json::object& params, const Peer& peer,
                                       const Client& client) const;

  private:
    Answer<json::object> initialize(const json::object& params, const std::shared_ptr<Client>& client) const;
    Answer<json::object> list(Method method, const json::object& params, const Revision& revision) const;
    Answer<Work> list_resources(const json::object& params, const Revision& revision) const;
    Answer<Work> read_resource(const json::object& params, const Revision& revision) const;
    Answer<Work> get_prompt(const json::object& params) const;
    Answer<Work> call_tool(const json::object& params, const Peer& peer) const;
    Answer<Work> complete(const json::object& params) const;
    Answer<json::object> tell_task(Method method, const json::object& params, const Peer& peer,
                                   const Client& client) const;
    Answer<json::object> watch_resource(Method method, const json::object& params, const Revision& revision,
                                        Client& client) const;
    Answer<json::object> set_log_level(const json::object& params, Client& client) const;
};

}  // namespace casefile::mcp
