// The completions of the shells offer what the program takes: its commands, tools, toolsets and options, and
// no others.

#include <regex>
#include <set>

#include "app/installation.h"
#include "base/text.h"
#include "tests/support/program.h"
#include "tools/toolsets.h"

using namespace casefile;
using Words = std::set<std::string>;

namespace {

const std::filesystem::path source = CASEFILE_SOURCE_DIR;

Words matches(const std::string& text, const std::string& pattern) {
    const std::regex word(pattern);
    Words found;
    for (auto one = std::sregex_iterator(text.begin(), text.end(), word); one != std::sregex_iterator();
         ++one)
        found.insert((*one)[1].str());
    return found;
}

Words commands() {
    const auto help = run({program("casefile"), "--help"}).out;
    return matches(help.substr(help.find("Subcommands:")), "\n  ([a-z]+) ");
}

/// From the lines of the help that begin with an option.
Words options_of(const std::vector<std::string>& command) {
    auto words = command;
    words.insert(words.begin(), program("casefile"));
    words.emplace_back("--help");
    return matches(run(words).out, "\n  (?:-h,)?(--[a-z-]+)");
}

Words tools_on_offer() {
    const TemporaryFolder folder;
    app::Options options;
    options.home = (folder.path() / "home").string();
    options.toolsets = tools::toolset_names();
    const auto built = app::Installation::build(options).value();
    Words names;
    for (const auto& tool : built->catalog().tools()) names.insert(tool->info().name);
    return names;
}

/// What bash offers for the last of these words.
Words bash_offers(const std::vector<std::string>& words) {
    const auto script = ". " + (source / "packaging/completions/casefile.bash").string() + "\nCOMP_WORDS=(" +
                        join(words, " ") + (words.back().empty() ? " ''" : "") +
                        ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
                        "\n_casefile\nprintf '%s\\n' \"${COMPREPLY[@]}\"";
    const auto ran = run({"/bin/bash", "-c", script}, {{"CASEFILE_HOME", "/nonexistent"}});
    Words offered;
    for (const auto& line : split(ran.out, '\n'))
        if (!line.empty()) offered.insert(line);
    return offered;
}

/// The lists of the zsh completion, and what they stand for in its other lines.
class Zsh {
  public:
    Zsh() : text_(read_whole(source / "packaging/completions/_casefile")) {
        const std::regex list("\n([a-z]+)=\\(([^)]*(?:\\([^)]*\\)[^)]*)*)\\)(?=\n)");
        for (auto one = std::sregex_iterator(text_.begin(), text_.end(), list); one != std::sregex_iterator();
             ++one)
            lists_[(*one)[1].str()] = (*one)[2].str();
    }

    std::string list(const std::string& name) const {
        INFO(name);
        REQUIRE(lists_.count(name) == 1);
        return lists_.at(name);
    }

    /// Of one command: the options that its line names itself, or by a list.
    Words options_of(const std::string& command) const {
        std::smatch line;
        const std::regex pattern("\n +" + command + "\\) ([^\n]+)");
        INFO(command);
        REQUIRE(std::regex_search(text_, line, pattern));
        auto specs = line[1].str();
        if (specs.find("$shared") != std::string::npos) specs += list("shared");
        if (specs.find("$home") != std::string::npos) specs += list("home");
        return matches(specs, "['\"](--[a-z-]+)\\[");
    }

  private:
    std::string text_;
    std::map<std::string, std::string> lists_;
};

}  // namespace

TEST_CASE("bash completes the commands, tools, toolsets and options that there are") {
    auto words = commands();
    REQUIRE(words.size() > 10);
    for (const auto& command : words) {
        INFO(command);
        if (command == "sandbox") continue;
        CHECK(bash_offers({"casefile", command, "x", "--"}) == options_of({command}));
    }
    for (const auto* action : {"up", "env", "down"}) {
        INFO(action);
        CHECK(bash_offers({"casefile", "sandbox", action, "--"}) == options_of({"sandbox", action}));
    }
    CHECK(bash_offers({"casefile", "sandbox", ""}) == Words{"up", "env", "down", "--help"});
    CHECK(bash_offers({"casefile", "call", ""}) == tools_on_offer());
    const auto& toolsets = tools::toolset_names();
    CHECK(bash_offers({"casefile", "doctor", "--toolsets", ""}) == Words(toolsets.begin(), toolsets.end()));
    CHECK(bash_offers({"casefile", "doctor", "--toolsets", "default,w"}) == Words{"default,work"});
    words.merge(Words{"--help", "--version"});
    CHECK(bash_offers({"casefile", ""}) == words);
}

TEST_CASE("zsh completes the commands, tools, toolsets and options that there are") {
    const Zsh zsh;
    const auto words = commands();
    CHECK(matches(zsh.list("commands"), "'([a-z]+):") == words);
    for (const auto& command : words) {
        if (command == "sandbox") continue;
        INFO(command);
        CHECK(zsh.options_of(command) == options_of({command}));
    }
    for (const std::string action : {"up", "env", "down"}) {
        INFO(action);
        CHECK(zsh.options_of("sandbox-" + action) == options_of({"sandbox", action}));
    }
    CHECK(matches(zsh.list("tools"), "([a-z_]+)") == tools_on_offer());
    const auto& toolsets = tools::toolset_names();
    CHECK(matches(zsh.list("toolsets"), "([a-z_]+)") == Words(toolsets.begin(), toolsets.end()));
}
