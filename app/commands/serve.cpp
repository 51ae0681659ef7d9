// casefile serve: the MCP server, on standard input and output or on HTTP.

#include <unistd.h>

#include <iostream>

#include "app/http_server.h"
#include "app/installation.h"
#include "base/log.h"
#include "mcp/server.h"
#include "mcp/stdio_transport.h"

namespace casefile::app {
namespace {

int serve(const Options& options, const std::optional<HttpAddress>& http) {
    const bool on_http = http.has_value();
    const int output = on_http ? -1 : mcp::take_standard_output();
    if (on_http) hold_signals();
    set_log_level(options.log_level);
    auto built = Installation::build(options);
    if (!built) {
        log_error("casefile cannot start: " + describe(built.error()));
        return exit_no;
    }
    auto& installation = **built;
    const auto& limits = installation.config().limits;
    for (const auto& problem : installation.environments().problems)
        log_warning(problem.variable + ": " + problem.reason);

    // Calls wait for servers most of the time, so there are more workers than cores; the queue holds the
    // rest.
    constexpr std::size_t workers_count = 16;
    mcp::WorkerPool workers(workers_count, static_cast<std::size_t>(limits.calls_max),
                            sources::mysql::end_thread);
    const auto& home = installation.bench().cases.store().home();
    mcp::Server server(server_info(),
                       {.state_key = installation.state_key(),
                        .message_bytes_max = static_cast<std::size_t>(limits.message_bytes_max),
                        .calls_max = static_cast<std::size_t>(limits.calls_max),
                        .tasks_folder = home / "tasks",
                        .answered_folder = home / "answered",
                        .answer_scope = "confirm"},
                       installation.catalog(), workers, installation.changes());
    if (http) return serve_http(installation, server, *http);
    log_info("serving " + about(installation));
    mcp::serve_stdio(server, local_principal(), STDIN_FILENO, output);
    return exit_done;
}

}  // namespace

void add_serve(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("serve", "MCP server on standard input and output, or on HTTP");
    const auto http = std::make_shared<std::optional<HttpAddress>>();
    command->add_option_function<std::string>(
        "--http",
        [http](const std::string& text) {
            const auto address = parse_http_address(text);
            if (!address) throw CLI::ValidationError("--http", address.error().message);
            *http = *address;
        },
        "Listen here instead, for example 127.0.0.1:8765; clients need casefile token");
    add_shared_options(*command, options);
    command->callback([&, http] { action = [&, http] { return serve(options, *http); }; });
}

}  // namespace casefile::app
