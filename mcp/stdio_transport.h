#pragma once
// One MCP client on standard input and output: one JSON message a line.

#include "mcp/server.h"

namespace casefile::mcp {

/// Takes the process's standard output for the protocol and points descriptor 1 at standard error, so that no
/// library can print into it. Call once, first thing in main. Gives the descriptor to write to, or -1 when
/// standard output is closed.
int take_standard_output();

/// Serves one client until end of input, then lets its calls finish briefly, ends the server and returns. A
/// line above `message_bytes_max` is answered with an error and skipped without being kept. A client that
/// closed the output is noticed at its next line. Ignores SIGPIPE for the whole process.
void serve_stdio(Server& server, const std::string& principal, int input, int output);

}  // namespace casefile::mcp
