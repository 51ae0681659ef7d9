// casefile sandbox …: hands over to casefile-sandbox, the second executable. All code that writes to a store
// is there.

#include <unistd.h>

#include <iostream>

#include "app/options.h"
#include "app/program_folder.h"

namespace casefile::app {
namespace {

int hand_over(const std::vector<std::string>& arguments) {
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
