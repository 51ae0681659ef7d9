#pragma once
// casefile on HTTP: /mcp for clients, /health, /ready and /metrics for whoever watches it.

#include <string>

#include "app/installation.h"
#include "mcp/server.h"

namespace casefile::app {

/// Keeps SIGTERM and SIGINT for serve_http(). Call before there is a second thread, which inherits it.
void hold_signals();

/// What the log says of an installation that is served.
std::string about(Installation& installation);

struct HttpAddress {
    std::string host;  ///< numeric
    std::uint16_t port = 0;
};
/// Of "127.0.0.1:8765", "localhost:8765" or "[::1]:8765"; port 0 takes a free one.
Result<HttpAddress> parse_http_address(const std::string& text);

/// Serves at `at` until SIGTERM or SIGINT, then ends the server. Prints
/// "listening on URL" to standard output once it accepts connections. The exit code.
int serve_http(Installation& installation, mcp::Server& server, const HttpAddress& at);

}  // namespace casefile::app
