#pragma once
// MCP on the methods that casefile serves, in every revision it knows, for one client connection.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mcp/catalog.h"
#include "mcp/worker_pool.h"

namespace casefile::mcp {

struct ServerInfo {
    std::string name = "casefile";
    std::string title = "casefile";
    std::string version;
    std::string instructions;  ///< told to the client's model at the start; under 500 tokens
};

struct ServerOptions {
    std::string principal;
    std::string state_key;  ///< secret of this installation: seals requestState
    std::size_t message_bytes_max = 16'777'216;
    std::size_t calls_max = 64;
    std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>();
};

/// One client on one ordered byte stream, in both eras at once: a request that carries a modern revision in
/// its _meta is served by itself; `initialize` opens the older era for the rest. Thread-safe: handle() is
/// called by the reader, answers leave from workers.
class Server {
  public:
    /// `send` takes one whole JSON-RPC message without a newline and is called by one thread at a time.
    Server(ServerInfo info, ServerOptions options, const Catalog& catalog, WorkerPool& workers,
           std::function<void(std::string_view)> send);
    /// Cancels the calls in flight and waits for them.
    ~Server();

    /// Takes one message as it arrived. Never throws; a broken one is answered as JSON-RPC says.
    void handle(std::string_view message);

    /// Answers a message above `message_bytes_max`, of which the transport kept nothing.
    void refuse_oversized();

    /// Waits until no call is in flight. A call that waits for the human is in flight.
    void drain();

    /// The client will send nothing more: what waits for a human ends now, the other calls get `grace` to
    /// finish and are then cancelled. Returns when none is in flight.
    void end(std::chrono::milliseconds grace);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace casefile::mcp
