#include "app/usage.h"

#include "base/text.h"

namespace casefile::app {
namespace {

/// As they were typed, without what a terminal would obey.
std::string shown(const std::vector<std::string>& words) { return printable(shorten(join(words, " "), 120)); }

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* option : command.get_options())
        if (!option->get_lnames().empty()) names.push_back("--" + option->get_lnames().front());
    return names;
}

/// What stands before a command, or instead of one.
std::string no_command(const CLI::App& app, const std::vector<std::string>& strays) {
    const bool is_option = !strays.empty() && strays.front().starts_with('-');
    return (is_option ? "options go after the command: casefile COMMAND " + shown(strays)
                      : no_such_command(strays.empty() ? "" : strays.front(), command_names(app))) +
           "; 'casefile --help' tells more";
}

std::string not_taken(const CLI::App& command, const std::vector<std::string>& strays) {
    const auto name = "casefile " + command.get_name();
    auto text = name + " does not take '" + shown(strays) + "'";
    if (strays.front().starts_with('-'))
        return text + "; it takes: " + join(option_names(command), ", ") + "; '" + name +
               " --help' tells more";
    for (const auto* option : command.get_options())
        if (option->get_delimiter() == ',' && option->count() > 0)
            return text + "; several are written with commas, such as " + option->get_name() + " " +
                   shown({join(option->results(), ",") + "," + strays.front()});
    return text + "; '" + name + " --help' tells more";
}

/// Its name is that of the command.
bool is_about_strays(const CLI::Error& error) {
    return error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
}

}  // namespace

std::string no_such_command(const std::string& word, const std::vector<std::string>& known) {
    return (word.empty() ? "a command is required" : "no command '" + shown({word}) + "'") +
           "; there are: " + join(known, ", ");
}

std::string usage_mistake(const CLI::App& app, const CLI::Error& error) {
    const auto strays = app.remaining();
    const auto chosen = app.get_subcommands();
    std::string text;
    if (chosen.empty())
        text = no_command(app, strays);
    else if (!strays.empty() && strays.front().starts_with('-'))
        text = "options go after the command: casefile " + chosen.front()->get_name() + " " + shown(strays);
    else if (!strays.empty())
        text = not_taken(*chosen.front(), strays);
    else if (const auto more = chosen.front()->remaining(); is_about_strays(error) && !more.empty())
        text = not_taken(*chosen.front(), more);
    else
        text =
            std::string(error.what()) + "; 'casefile " + chosen.front()->get_name() + " --help' tells more";
    return "casefile: " + text + "\n";
}

std::string check_fingerprint(const std::string& text) {
    if (text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos) return "";
    return "expected a fingerprint, 64 characters of 0-9 and a-f, as casefile doctor and export show it, got "
           "'" +
           shown({text}) + "'";
}

}  // namespace casefile::app
