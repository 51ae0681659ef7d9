// casefile sandbox …: hands over to casefile-sandbox, the second executable. All code that writes to a store
// is there.

#include <unistd.h>

#include <iostream>

#include "app/options.h"
#include "app/program_folder.h"
#include "app/usage.h"

namespace casefile::app {
namespace {

/// casefile-sandbox has more commands, which casefile itself gives: they are for no person.
int hand_over(const std::vector<std::string>& arguments) {
    const std::vector<std::string> actions = {"up", "env", "down"};
    const auto first = arguments.empty() ? std::string() : arguments.front();
    if (!first.starts_with('-') && std::find(actions.begin(), actions.end(), first) == actions.end()) {
        std::cerr << "casefile"
                  << (first.empty() ? " sandbox: " + no_such_command("", actions)
                                    : ": " + no_such_command("sandbox " + first, actions))
                  << "; 'casefile sandbox --help' tells more\n";
        return exit_usage;
    }
    const auto program = (program_folder() / "casefile-sandbox").string();
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    std::cerr << "casefile: cannot run " << program << "; expected it beside casefile\n";
    return exit_no;
}

}  // namespace

void add_sandbox(CLI::App& app, Options&, Action& action) {
    auto* command =
        app.add_subcommand("sandbox", "A small shop with planted faults on private ports: up, env, down");
    command->set_help_flag();  // casefile-sandbox tells its own
    command->prefix_command();
    command->callback(
        [&action, command] { action = [arguments = command->remaining()] { return hand_over(arguments); }; });
}

}  // namespace casefile::app
