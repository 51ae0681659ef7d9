// casefile: an MCP server that reads MySQL, Redis and Kafka during an incident and files every call as
// evidence.

#include <malloc.h>

#include <csignal>
#include <iostream>

#include "app/options.h"
#include "app/usage.h"
#include "app/version.h"

int main(int argc, char** argv) {
    using namespace casefile::app;
    // A client that goes away ends a write with an error, not the process.
    std::signal(SIGPIPE, SIG_IGN);
    // Each of the workers would otherwise keep a heap of its own, most of it empty.
    mallopt(M_ARENA_MAX, 2);  // NOLINT(concurrency-mt-unsafe)
    // A large answer would otherwise be given back to the system after each call, and come again page by
    // page.
    mallopt(M_MMAP_THRESHOLD, 2 * 1024 * 1024);  // NOLINT(concurrency-mt-unsafe)
    mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);  // NOLINT(concurrency-mt-unsafe)
    // A file-size limit makes writing fail, which refuses the call, instead of ending the server.
    std::signal(SIGXFSZ, SIG_IGN);

    CLI::App app{
        "Reads MySQL, Redis and Kafka for an incident, never writes to them, and files every call as "
        "evidence."};
    app.name("casefile");
    app.set_version_flag("--version", std::string("casefile ") + version);
    app.require_subcommand(1);
    app.failure_message(
        [](const CLI::App* where, const CLI::Error& error) { return usage_mistake(*where, error); });
    app.footer(
        "Begin with 'casefile demo', or 'casefile doctor' to see what is set up. 'casefile COMMAND --help' "
        "tells more.");
    Options options;
    Action action;
    add_serve(app, options, action);
    add_call(app, options, action);
    add_confirm(app, options, action);
    add_attach(app, options, action);
    add_verify(app, options, action);
    add_replay(app, options, action);
    add_prune(app, options, action);
    add_export(app, options, action);
    add_import(app, options, action);
    add_reindex(app, options, action);
    add_doctor(app, options, action);
    add_demo(app, options, action);
    add_token(app, options, action);
    add_sandbox(app, options, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_done : exit_usage;
    }
    take_home_variable(options);
    try {
        return action();
    } catch (const std::exception& error) {
        std::cerr << "casefile: " << error.what() << "\n";
        return exit_no;
    }
}
