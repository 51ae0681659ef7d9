// casefile token: prints the bearer token of this installation, for the configuration of an HTTP client.

#include <iostream>

#include "app/home.h"
#include "app/installation.h"
#include "app/token.h"
#include "base/log.h"

namespace casefile::app {

void add_token(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("token", "Print the bearer token for HTTP, making it on first use");
    add_shared_options(*command, options);
    command->callback([&] {
        action = [&] {
            set_log_level("warning");
            auto built = Installation::build(options);
            if (!built) return cannot_start(built.error());
            const auto token = installation_token((*built)->bench().cases.store().home());
            if (!token) return complain(token.error());
            std::cout << token->reveal() << "\n";
            return exit_done;
        };
    });
}

}  // namespace casefile::app
