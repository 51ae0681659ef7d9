#include "app/home.h"

#include <iostream>

#include "app/installation.h"

namespace casefile::app {

Result<std::unique_ptr<Home>> open_home(const Options& options) {
    auto home = std::make_unique<Home>();
    auto store = evidence::Store::open(
        options.home.empty() ? default_home() : std::filesystem::path(options.home), home->clock);
    if (!store) return store.error();
    home->store = *std::move(store);
    home->book = std::make_unique<cases::Casebook>(*home->store);
    return home;
}

int complain(const Error& error) {
    std::cerr << "casefile: " << describe(error) << "\n";
    return exit_no;
}

}  // namespace casefile::app
