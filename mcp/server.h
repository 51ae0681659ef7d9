#pragma once
// MCP on the methods that casefile serves, in every revision it knows, for one client connection.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

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
};

/// One client on one ordered byte stream. Thread-safe: handle() is called by the reader, answers leave from workers.
class Server {
  public:
    /// `send` takes one whole JSON-RPC message without a newline and is called by one thread at a time.
    Server(ServerInfo info, ServerOptions options, const Catalog& catalog, WorkerPool& workers,
           std::function<void(std::string_view)> send);
    /// Cancels the calls in flight and waits for them.
    ~Server();

    /// Takes one message as it arrived. Never throws; a broken one is answered as JSON-RPC says.
    void handle(std::string_view message);

    /// Waits until no call is in flight.
    void drain();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace casefile::mcp
