#pragma once
// The cases of a home, for commands that contact nothing: no variables, no configuration.

#include <memory>

#include "app/options.h"
#include "cases/casebook.h"

namespace casefile::app {

struct Home {
    SystemClock clock;
    std::unique_ptr<evidence::Store> store;
    std::unique_ptr<cases::Casebook> book;
};

/// Makes one where there is none: `import` begins there.
Result<std::unique_ptr<Home>> open_home(const Options& options);
/// not_found where there is none, for commands about cases that exist: a mistyped path makes no signing key.
Result<void> need_home(const Options& options);
Result<std::unique_ptr<Home>> open_existing_home(const Options& options);

/// "casefile: message; hint" on standard error; gives exit_no.
int complain(const Error& error);
/// The same of what keeps a command from starting; wrong options give exit_usage.
int cannot_start(const Error& error);

/// Hints are written for clients of the server, which have tools; a shell has commands.
Error in_shell_words(Error error);
/// An error about a file that a person named, with the path as it was typed: the rooms below tell its last
/// name.
Error with_path(Error error, const std::filesystem::path& path);

}  // namespace casefile::app
