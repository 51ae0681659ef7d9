#pragma once
// MCP on the methods that casefile serves, in every revision it knows, for every client of this process.

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/late_secret.h"
#include "mcp/catalog.h"
#include "mcp/changes.h"
#include "mcp/client.h"
#include "mcp/worker_pool.h"

namespace casefile::mcp {

struct ServerInfo {
    std::string name = "casefile";
    std::string title = "casefile";
    std::string version;
    std::string instructions;   ///< told to the client's model at the start; under 500 tokens
    bool logging = false;       ///< log messages are offered, a deprecated part of MCP
    bool lists_change = false;  ///< of tools and prompts, while the server runs
};

/// Who is there to hear what becomes of their calls when the server ends.
enum class Clients { gone, waiting };

struct ServerOptions {
    LateSecret state_key;  ///< secret of this installation: seals requestState and cursors
    std::size_t message_bytes_max = 16'777'216;
    std::size_t calls_max = 64;
    std::filesystem::path tasks_folder = {};  ///< empty: no tasks
    /// Where the processes of one key remember which questions were answered; empty: each its own.
    std::filesystem::path answered_folder = {};
    /// Over HTTP, what one who answers a question needs besides "read". Empty: no more than who asks for it.
    std::string answer_scope = {};
    std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>();
    /// While somebody listens, so often is looked for what other processes changed.
    std::chrono::milliseconds look_pause{1'000};
};

/// Both eras at once: a request that carries a modern revision in its _meta is served by itself; `initialize`
/// opens the older era for the other requests of the same client. Thread-safe: handle() is called by readers,
/// answers leave from workers.
class Server {
  public:
    Server(ServerInfo info, ServerOptions options, const Catalog& catalog, WorkerPool& workers,
           Changes& changes);
    /// Cancels the calls in flight and waits for them.
    ~Server();

    const ServerOptions& options() const;
    const Catalog& catalog() const;

    /// Takes what parse_message() made of one message or batch. Never throws; a broken one is answered as
    /// JSON-RPC says.
    void handle(const std::shared_ptr<Client>& client, const Incoming& incoming,
                const std::shared_ptr<Outbox>& outbox);

    /// What the tool that asks this question of ours needs besides "read". Nothing when the client has no
    /// such question open.
    std::optional<std::string> scope_to_answer(const Client& client, const Response& response) const;

    /// Answers a message above `message_bytes_max`, of which the transport kept nothing.
    void refuse_oversized(Outbox& outbox) const;

    /// The client is gone, or ended its session: nothing more is sent to it, and its calls are cancelled.
    void disconnect(const std::shared_ptr<Client>& client);

    std::size_t calls_in_flight() const;
    bool has_calls(const Client& client) const;
    /// Waits until no call is in flight. A call that waits for the human is in flight.
    void drain();

    /// Nobody will send anything more: what waits for a human ends now, the other calls get `grace` to
    /// finish and are then cancelled. Returns when none is in flight. Clients that wait get an error for what
    /// is not finished, those that are gone get nothing.
    void end(std::chrono::milliseconds grace, Clients clients = Clients::gone);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace casefile::mcp
