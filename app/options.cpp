#include "app/options.h"

#include <cstdlib>

#include "base/text.h"
#include "tools/toolsets.h"

namespace casefile::app {

void add_home_option(CLI::App& command, Options& options) {
    command.add_option("--home", options.home,
                       "Folder of cases and keys (default: CASEFILE_HOME, or ~/.local/share/casefile)");
}

void take_home_variable(Options& options) {
    // Asked at start, before there is a second thread.
    const char* home = std::getenv("CASEFILE_HOME");  // NOLINT(concurrency-mt-unsafe)
    if (options.home.empty() && home != nullptr) options.home = home;
}

void add_shared_options(CLI::App& command, Options& options) {
    add_home_option(command, options);
    command.add_option("--config", options.config_file,
                       "Configuration: limits, protected environments, Kafka tunnels");
    command.add_option("--env-file", options.env_file, "File with the connection variables; needs mode 0600");
    command
        .add_option("--toolsets", options.toolsets,
                    "Tools on offer: " + join(tools::toolset_names(), ", ") + " (default: default)")
        ->option_text("NAME,...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember(tools::toolset_names()));
    command
        .add_option("--confirm", options.confirmed,
                    "Environments confirmed in advance (never protected ones)")
        ->option_text("ENV,...")
        ->delimiter(',')
        ->allow_extra_args(false);
    command.add_option("--log-level", options.log_level, "What goes to standard error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
}

}  // namespace casefile::app
