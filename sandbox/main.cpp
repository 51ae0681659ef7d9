// casefile-sandbox: brings up a small shop with a planted incident, on private servers, and takes it down
// again.

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

#include "sandbox/commands.h"
#include "sandbox/sandbox_folder.h"
#include "sandbox/shop.h"

namespace {

using namespace casefile;

sandbox::Programs find_programs() {
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    return {.sandbox = self, .casefile = self.parent_path() / "casefile"};
}

int run_kafka(std::uint32_t seed, const std::string& at, const std::string& ready_file) {
    const auto planted_at = parse_rfc3339(at);
    auto done = planted_at ? sandbox::run_kafka(seed, *planted_at, ready_file) : planted_at.error();
    if (done) return 0;
    std::cerr << describe(done.error()) << "\n";
    return 1;
}

int run(int argc, char** argv) {
    CLI::App app(
        "A small shop with planted faults, on private MariaDB, Redis and Kafka servers of its own.\n"
        "They listen on loopback only and keep their data in one folder.",
        "casefile-sandbox");
    app.set_version_flag("--version", std::string("casefile-sandbox ") + CASEFILE_VERSION);
    app.require_subcommand(1);
    app.footer("Exit code 0: done; 1: not done, and standard error says why; 2: wrong usage.");

    std::string folder = sandbox::default_folder().string();
    std::optional<std::uint32_t> chosen_seed;
    std::uint32_t seed = 0;
    std::string at, ready_file;
    bool exports_only = false;
    const auto takes_folder = [&folder](CLI::App* command) {
        command->add_option("--dir", folder, "Folder of the sandbox: yours alone, new or a sandbox's")
            ->capture_default_str();
    };

    auto* up =
        app.add_subcommand("up", "Starts the shop and leaves it running; harmless when it already runs");
    takes_folder(up);
    up->add_option("--seed", chosen_seed, "Which shop and which faults; 0 when left out");
    auto* env = app.add_subcommand(
        "env", "Prints the variables and the MCP client configuration of the running shop");
    takes_folder(env);
    env->add_flag("--exports", exports_only,
                  "Only the export lines, as for: eval \"$(casefile-sandbox env --exports)\"");
    auto* down = app.add_subcommand("down", "Stops the shop and removes its folder");
    takes_folder(down);
    auto* demo = app.add_subcommand(
        "demo-servers",
        "Starts a shop in a fresh folder, prints one line of JSON about it, and removes it all when "
        "standard input ends");
    demo->add_option("--seed", seed, "Which shop and which faults")->capture_default_str();
    // Started by the others; an empty group keeps it out of the help.
    auto* kafka = app.add_subcommand("kafka", "The Kafka cluster of a shop")->group("");
    kafka->add_option("--seed", seed)->required();
    kafka->add_option("--at", at)->required();
    kafka->add_option("--ready-file", ready_file)->required();

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }

    const auto programs = find_programs();
    const auto absolute = std::filesystem::absolute(folder).lexically_normal();
    if (up->parsed()) return sandbox::up(programs, absolute, chosen_seed);
    if (env->parsed()) return sandbox::env(programs, absolute, exports_only);
    if (down->parsed()) return sandbox::down(absolute);
    if (demo->parsed()) return sandbox::demo_servers(programs, seed);
    return run_kafka(seed, at, ready_file);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "casefile-sandbox: " << error.what() << "\n";
        return 1;
    }
}
