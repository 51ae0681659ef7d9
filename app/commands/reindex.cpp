// casefile reindex: throws the search index away and makes it again from the journals.

#include <iostream>

#include "app/home.h"
#include "base/text.h"

namespace casefile::app {

void add_reindex(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("reindex", "Make the search index again from the journals");
    add_home_option(*command, options);
    command->callback([&] {
        action = [&] {
            auto home = open_existing_home(options);
            if (!home) return complain(home.error());
            const auto made = (*home)->book->reindex();
            if (!made) return complain(made.error());
            std::cout << "index made again: " << made->cases << (made->cases == 1 ? " case\n" : " cases\n");
            for (const auto& [id, why] : made->unread)
                std::cerr << id << ": not in the index, as it cannot be read: " << printable(why.message)
                          << "; casefile verify " << id << " tells more\n";
            return made->unread.empty() ? exit_done : exit_no;
        };
    });
}

}  // namespace casefile::app
