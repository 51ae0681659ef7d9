#include "app/default_home.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace casefile::app {
namespace {

/// Empty where the system knows no such user, as in a container that runs under any number.
std::filesystem::path account_folder() {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16 * 1024> texts{};
    if (::getpwuid_r(::geteuid(), &entry, texts.data(), texts.size(), &found) != 0 || found == nullptr)
        return {};
    return found->pw_dir;
}

}  // namespace

Result<std::filesystem::path> default_home(const Variables& variables,
                                           const std::filesystem::path& account_folder) {
    const auto variable = [&](const char* name) -> std::filesystem::path {
        const auto found = variables.find(name);
        return found == variables.end() ? "" : found->second;
    };
    if (const auto data = variable("XDG_DATA_HOME"); data.is_absolute()) return data / "casefile";
    for (const auto& person : {variable("HOME"), account_folder})
        if (person.is_absolute()) return person / ".local" / "share" / "casefile";
    return invalid(
        "no home folder: expected an absolute path in HOME or XDG_DATA_HOME, or a user with a folder, got "
        "none",
        "pass --home, or set CASEFILE_HOME");
}

Result<std::filesystem::path> home_of(const Options& options) {
    if (!options.home.empty()) return std::filesystem::path(options.home);
    return default_home(process_variables(), account_folder());
}

}  // namespace casefile::app
