// casefile reindex: throws the search index away and makes it again from the journals.

#include <iostream>

#include "app/home.h"

namespace casefile::app {

void add_reindex(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("reindex", "Make the search index again from the journals");
    add_home_option(*command, options);
    command->callback([&] {
        action = [&] {
            auto home = open_home(options);
            if (!home) return complain(home.error());
            const auto cases = (*home)->book->reindex();
            if (!cases) return complain(cases.error());
            std::cout << "index made again: " << *cases << (*cases == 1 ? " case\n" : " cases\n");
            return exit_done;
        };
    });
}

}  // namespace casefile::app
