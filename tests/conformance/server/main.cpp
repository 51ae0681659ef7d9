// casefile-conformance: the mcp library with the fixtures of the official suite instead of casefile's tools.
// No store, no token, loopback only: the suite cannot send one.

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

#include "base/ids.h"
#include "base/text.h"
#include "mcp/http_transport.h"
#include "mcp/stdio_transport.h"
#include "net/guard.h"
#include "net/listener.h"
#include "tests/conformance/server/fixtures.h"

namespace casefile::conformance {
namespace {

int serve_http(mcp::Server& server, std::uint16_t port) {
    mcp::HttpTransport transport(server);
    net::Router router(net::GuardOptions{});
    router.add("/mcp", net::Access::open_with_body,
               [&](net::Request request, std::shared_ptr<net::Exchange> exchange) {
                   request.identity = {.principal = "suite", .scopes = {"read"}};
                   transport.handle(std::move(request), std::move(exchange));
               });
    auto listener = net::Listener::open({.port = port},
                                        [&](net::Request request, std::shared_ptr<net::Exchange> exchange) {
                                            router.handle(std::move(request), std::move(exchange));
                                        });
    if (!listener) {
        std::cerr << describe(listener.error()) << "\n";
        return 1;
    }
    std::cout << "listening on http://127.0.0.1:" << (*listener)->port() << "/mcp" << std::endl;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    int received = 0;
    sigwait(&signals, &received);
    server.end(std::chrono::milliseconds(500));
    return 0;
}

}  // namespace
}  // namespace casefile::conformance

int main(int argc, char** argv) {
    using namespace casefile;
    CLI::App app{"The MCP library of casefile with the fixtures of the official conformance suite."};
    std::string address;
    app.add_option("--http", address,
                   "Listen here, for example 127.0.0.1:8080; port 0 takes a free one. Default: stdio");
    CLI11_PARSE(app, argc, argv);

    // Before there are threads, which inherit it: only sigwait() gets them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (!address.empty()) pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    mcp::Changes changes;
    mcp::Catalog catalog;
    conformance::add_content_tools(catalog);
    conformance::add_stream_tools(catalog, changes);
    conformance::add_question_tools(catalog);
    conformance::add_round_trip_tools(catalog);
    conformance::add_task_tools(catalog);
    conformance::add_prompts(catalog);
    conformance::add_resources(catalog);

    const auto tasks = std::filesystem::temp_directory_path() / ("casefile-conformance-" + random_hex(4));
    int exit_code = 0;
    {
        mcp::WorkerPool workers(16, 256);
        mcp::Server server({.name = "casefile-conformance",
                            .title = "casefile conformance",
                            .version = "0.1.0",
                            .instructions = "Fixtures of the conformance suite.",
                            .logging = true,
                            .lists_change = true},
                           {.state_key = random_hex(32), .tasks_folder = tasks}, catalog, workers, changes);
        if (address.empty()) {
            mcp::serve_stdio(server, "suite", 0, mcp::take_standard_output());
        } else {
            const auto port = address.substr(address.rfind(':') + 1);
            exit_code = conformance::serve_http(
                server, static_cast<std::uint16_t>(std::strtoul(port.c_str(), nullptr, 10)));
        }
    }
    std::error_code failure;
    std::filesystem::remove_all(tasks, failure);
    return exit_code;
}
