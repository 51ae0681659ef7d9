#include "app/options.h"

#include "tools/toolsets.h"

namespace casefile::app {

void add_shared_options(CLI::App& command, Options& options) {
    command.add_option("--home", options.home, "Folder of cases and keys (default: ~/.local/share/casefile)")
        ->envname("CASEFILE_HOME");
    command.add_option("--config", options.config_file,
                       "Configuration: limits, protected environments, Kafka tunnels");
    command.add_option("--env-file", options.env_file, "File with the connection variables; needs mode 0600");
    command.add_option("--toolsets", options.toolsets, "Tools on offer")
        ->delimiter(',')
        ->check(CLI::IsMember(tools::toolset_names()));
    command
        .add_option("--confirm", options.confirmed,
                    "Environments confirmed in advance (never protected ones)")
        ->delimiter(',');
    command.add_option("--log-level", options.log_level, "What goes to standard error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
}

}  // namespace casefile::app
