#pragma once
// What the command line says for every command.

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace casefile::app {

struct Options {
    std::string home, config_file, env_file, log_level = "info";
    std::vector<std::string> toolsets = {"default"};
    std::vector<std::string> confirmed;  ///< --confirm
};

/// What the chosen command does; its result is the exit code: 0 done, 1 the tool or check said no, 2 wrong
/// usage.
using Action = std::function<int()>;

inline constexpr int exit_done = 0, exit_no = 1, exit_usage = 2;

void add_shared_options(CLI::App& command, Options& options);
/// --home alone, for commands to which the other shared options mean nothing.
void add_home_option(CLI::App& command, Options& options);
/// CASEFILE_HOME, where no --home was given. Not by CLI11, whose copies of the option in other commands would
/// read the variable too and win.
void take_home_variable(Options& options);

void add_serve(CLI::App& app, Options& options, Action& action);
void add_call(CLI::App& app, Options& options, Action& action);
void add_confirm(CLI::App& app, Options& options, Action& action);
void add_attach(CLI::App& app, Options& options, Action& action);
void add_verify(CLI::App& app, Options& options, Action& action);
void add_replay(CLI::App& app, Options& options, Action& action);
void add_prune(CLI::App& app, Options& options, Action& action);
void add_export(CLI::App& app, Options& options, Action& action);
void add_import(CLI::App& app, Options& options, Action& action);
void add_reindex(CLI::App& app, Options& options, Action& action);
void add_doctor(CLI::App& app, Options& options, Action& action);
void add_demo(CLI::App& app, Options& options, Action& action);
void add_token(CLI::App& app, Options& options, Action& action);
void add_sandbox(CLI::App& app, Options& options, Action& action);

}  // namespace casefile::app
