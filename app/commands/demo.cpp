// casefile demo: a whole investigation on private servers, through a real stdio connection to a child
// `casefile serve`.

#include <algorithm>
#include <iostream>

#include "app/default_home.h"
#include "app/demo/investigation.h"
#include "app/demo/shop_process.h"
#include "app/home.h"
#include "app/installation.h"
#include "app/program_folder.h"
#include "app/version.h"
#include "base/text.h"

namespace casefile::app {
namespace {

void print_tree(const std::filesystem::path& folder, const std::string& indent) {
    std::vector<std::filesystem::directory_entry> entries;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) entries.push_back(entry);
    std::sort(entries.begin(), entries.end(),
              [](const auto& l, const auto& r) { return l.path() < r.path(); });
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const bool last = i + 1 == entries.size();
        std::cout << indent << (last ? "└── " : "├── ") << entries[i].path().filename().string() << "\n";
        if (entries[i].is_directory()) print_tree(entries[i].path(), indent + (last ? "    " : "│   "));
    }
}

void print_findings(const Findings& found, const std::filesystem::path& folder) {
    std::cout << "\nThe case on disk\n" << folder.string() << "\n";
    print_tree(folder, "");
    std::cout << "\nDifferences found\n"
              << "  table " << found.table << " against keys " << found.key_template << "\n"
              << "  stale:     " << join(found.stale, ", ") << "\n"
              << "  missing:   " << join(found.missing, ", ") << "\n"
              << "  left over: " << join(found.left_over, ", ") << "\n"
              << "  consumer:  " << found.group << " on " << found.topic << ", " << found.verdict << ", lag "
              << found.lag << "\n\nVerify it yourself\n  " << (program_folder() / "casefile").string()
              << " verify " << folder.string() << "\n\nPostmortem\n  " << found.drafts.at("postmortem")
              << "\n";
}

/// Beside the home of one's own cases.
Result<std::filesystem::path> demo_home(const std::string& chosen) {
    if (!chosen.empty()) return std::filesystem::path(chosen);
    const auto own = home_of({});
    if (!own) return own.error();
    return own->parent_path() / "casefile-demo";
}

int demo(const std::string& chosen_home, std::uint32_t seed) {
    const auto found_home = demo_home(chosen_home);
    if (!found_home) return cannot_start(found_home.error());
    const auto& home = *found_home;
    std::cout << "Bringing up a small shop on private servers (MariaDB, Redis, an embedded Kafka)\n"
              << std::flush;
    auto shop = ShopProcess::start(seed);
    if (!shop) return complain(shop.error());

    mcp::StdioClientOptions client_options;
    client_options.command = {(program_folder() / "casefile").string(),
                              "serve",
                              "--home",
                              home.string(),
                              "--config",
                              (*shop)->config(),
                              "--log-level",
                              "warning"};
    client_options.environment = (*shop)->variables();
    client_options.name = "casefile demo";
    client_options.version = version;
    auto client = mcp::StdioClient::connect(std::move(client_options));
    if (!client) return complain(client.error());
    auto tools = (*client)->list_tools();
    if (!tools) return complain(tools.error());
    std::cout << "Connected to a child 'casefile serve': MCP " << (*client)->revision().name << ", "
              << tools->size() << " tools\n";

    Conversation talk(**client, std::cout, investigation_steps);
    auto found = investigate(talk, (*shop)->complaint());
    (*client)->end();
    if (!found) return complain(found.error());
    print_findings(*found, home / "cases" / found->case_id);
    return exit_done;
}

}  // namespace

void add_demo(CLI::App& app, Options&, Action& action) {
    auto* command = app.add_subcommand("demo", "Play a whole investigation on private servers");
    const auto seed = std::make_shared<std::uint32_t>(0);
    // A home of its own: an exercise does not belong among the cases of CASEFILE_HOME.
    const auto home = std::make_shared<std::string>();
    command->add_option("--home", *home,
                        "Where the demo's case is kept (default: ~/.local/share/casefile-demo)");
    command->add_option("--seed", *seed, "Another shop with other names and other faults");
    command->callback([&action, home, seed] { action = [home, seed] { return demo(*home, *seed); }; });
}

}  // namespace casefile::app
