#include "mcp/stdio_transport.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "base/text.h"
#include "mcp/lines.h"

namespace casefile::mcp {
namespace {

/// What is still running when the client closed its end gets this long; a client that waits for us waits no
/// longer.
constexpr std::chrono::seconds grace{2};

/// One channel for everything, each message a line.
class LineOutbox : public Outbox {
  public:
    explicit LineOutbox(LineWriter& writer) : writer_(writer) {}
    void send(std::string_view message) override { writer_.write(message); }
    void finish(std::string message, int) override { writer_.write(message); }

  private:
    LineWriter& writer_;
};

}  // namespace

int take_standard_output() {
    const int kept = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (kept >= 0) ::dup2(STDERR_FILENO, STDOUT_FILENO);
    return kept;
}

void serve_stdio(Server& server, const std::string& principal, int input, int output) {
    // A client that closed its end is told by the failing write, not by a signal.
    std::signal(SIGPIPE, SIG_IGN);
    LineWriter writer(output);
    const auto outbox = std::make_shared<LineOutbox>(writer);
    const auto client = std::make_shared<Client>(principal, outbox);
    LineReader reader(input, server.options().message_bytes_max);
    std::string_view line;
    while (!writer.failed()) {
        const auto outcome = reader.next(line);
        if (outcome == LineReader::Outcome::end) break;
        if (outcome == LineReader::Outcome::oversized)
            server.refuse_oversized(*outbox);
        else if (!trim(line).empty())
            server.handle(client, parse_message(line), outbox);
    }
    writer.limit_patience(grace);
    server.end(writer.failed() ? std::chrono::seconds(0) : grace);
    server.disconnect(client);
}

}  // namespace casefile::mcp
