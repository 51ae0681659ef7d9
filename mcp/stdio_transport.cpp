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

}  // namespace

int take_standard_output() {
    const int kept = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (kept >= 0) ::dup2(STDERR_FILENO, STDOUT_FILENO);
    return kept;
}

void serve_stdio(const ServerInfo& info, const ServerOptions& options, const Catalog& catalog,
                 WorkerPool& workers, int input, int output) {
    // A client that closed its end is told by the failing write, not by a signal.
    std::signal(SIGPIPE, SIG_IGN);
    LineWriter writer(output);
    Server server(info, options, catalog, workers,
                  [&writer](std::string_view message) { writer.write(message); });
    LineReader reader(input, options.message_bytes_max);
    std::string_view line;
    while (!writer.failed()) {
        const auto outcome = reader.next(line);
        if (outcome == LineReader::Outcome::end) break;
        if (outcome == LineReader::Outcome::oversized)
            server.refuse_oversized();
        else if (!trim(line).empty())
            server.handle(line);
    }
    writer.limit_patience(grace);
    server.end(writer.failed() ? std::chrono::seconds(0) : grace);
}

}  // namespace casefile::mcp
