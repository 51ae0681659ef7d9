#include "app/home.h"

#include <iostream>

#include "app/default_home.h"
#include "app/installation.h"
#include "base/text.h"

namespace casefile::app {

Result<std::unique_ptr<Home>> open_home(const Options& options) {
    auto home = std::make_unique<Home>();
    const auto place = home_of(options);
    if (!place) return place.error();
    auto store = evidence::Store::open(*place, home->clock);
    if (!store) return store.error();
    home->store = *std::move(store);
    home->book = std::make_unique<cases::Casebook>(*home->store);
    return home;
}

Result<void> need_home(const Options& options) {
    const auto home = home_of(options);
    if (!home) return home.error();
    std::error_code none;
    if (std::filesystem::is_directory(*home / "cases", none)) return {};
    return not_found("there is no home of casefile at " + printable(home->string()) +
                         "; expected a folder with cases in it",
                     "check --home, CASEFILE_HOME and XDG_DATA_HOME");
}

Result<std::unique_ptr<Home>> open_existing_home(const Options& options) {
    if (auto done = need_home(options); !done) return done.error();
    return open_home(options);
}

int complain(const Error& error) {
    std::cerr << "casefile: " << describe(in_shell_words(error)) << "\n";
    return exit_no;
}

int cannot_start(const Error& error) {
    complain(error);
    return error.kind == ErrorKind::invalid_argument ? exit_usage : exit_no;
}

Error in_shell_words(Error error) {
    if (error.kind == ErrorKind::not_found && error.hint.find("get_case") != std::string::npos)
        error.hint = "list your cases with: casefile call get_case";
    return error;
}

Error with_path(Error error, const std::filesystem::path& path) {
    for (const auto& typed : {path, path.parent_path()}) {
        const auto name = typed.filename().string();
        if (name.empty() || !error.message.starts_with(name + ": ")) continue;
        error.message.replace(0, name.size(), printable(typed.string()));
        // Theirs is about the home folder, and this file is outside it.
        if (error.kind == ErrorKind::not_found) error.hint = "check the path";
        if (error.kind == ErrorKind::unavailable) error.hint = "check the path, its permissions and the disk";
        break;
    }
    return error;
}

}  // namespace casefile::app
