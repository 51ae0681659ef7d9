// Messages, one a line, through a whole server: said by a client without a handshake, by two with one, and by
// one that sends modern requests only. Whatever they say, what comes back is JSON-RPC, and no fault of ours.

#include <future>

#include "mcp/server.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fuzz/fixture_catalog.h"
#include "tests/fuzz/fuzz.h"

using namespace casefile;
using namespace casefile::fuzz;

namespace {

/// Looks at everything that leaves.
class Inspector : public mcp::Outbox {
  public:
    void send(std::string_view message) override { inspect(message); }
    void finish(std::string message, int) override { inspect(message); }

  private:
    static void inspect_one(const json::value& message, std::string_view text) {
        promise(message.is_object() && string_or(message.get_object(), "jsonrpc") == "2.0",
                "what leaves is JSON-RPC", text);
        const auto* error = message.get_object().if_contains("error");
        promise(error == nullptr || error->at("code") != mcp::rpc::internal_error,
                "no message is a fault of ours", text);
    }
    static void inspect(std::string_view text) {
        promise(text.find('\n') == std::string_view::npos, "a message is one line", text);
        // Deeper than what comes in, because it may be quoted within an answer.
        const auto message = parse_json(text, 128);
        promise(message.has_value(), "what leaves is JSON", text);
        if (!message->is_array()) return inspect_one(*message, text);
        for (const auto& one : message->get_array()) inspect_one(one, text);
    }
};

struct Process {
    Process() { add_fixtures(catalog); }

    /// One worker takes one thing after the other: when this is done, so is everything before.
    void settle() {
        std::promise<void> reached;
        workers.post([&] { reached.set_value(); });
        reached.get_future().wait();
    }

    void say(const std::shared_ptr<mcp::Client>& client, std::string_view text) {
        while (!text.empty()) {
            const auto line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(line.size() + 1, text.size()));
            server.handle(client, mcp::parse_message(line), outbox);
            settle();
        }
    }

    mcp::Catalog catalog;
    mcp::Changes changes;
    std::shared_ptr<mcp::Outbox> outbox = std::make_shared<Inspector>();
    mcp::WorkerPool workers{1, 256};
    mcp::Server server{{.version = "0.1.0", .instructions = "Open a case first.", .logging = true},
                       {.state_key = "key of this installation", .clock = std::make_shared<ManualClock>()},
                       catalog,
                       workers,
                       changes};
};

std::string handshake(const std::string& version) {
    return R"({"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":")" + version +
           R"(","capabilities":{"elicitation":{}},"clientInfo":{"name":"old","version":"1"}}})";
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Not kept between inputs: its worker has to end before libcrypto cleans up at exit, or what libcrypto
    // keeps for the worker's thread is left over.
    Process process;
    const auto text = text_of(data, size);
    for (const auto* version : {"", "2025-03-26", "2025-11-25", "modern"}) {
        const bool modern = std::string_view(version) == "modern";
        const auto client = std::make_shared<mcp::Client>("local:1000", process.outbox, modern);
        if (!modern && *version != '\0') process.say(client, handshake(version));
        process.say(client, text);
        process.server.disconnect(client);
        process.server.drain();
    }
    return 0;
}
