#pragma once
// Where the home is, where nobody names one.

#include "app/environments.h"
#include "app/options.h"

namespace casefile::app {

/// <XDG_DATA_HOME>/casefile, else ~/.local/share/casefile by HOME, else the same by the user's account. What
/// is no absolute path is passed over, as the XDG specification has it: it would be another folder wherever
/// one stands. invalid_argument where nothing is left.
Result<std::filesystem::path> default_home(const Variables& variables,
                                           const std::filesystem::path& account_folder);

/// --home or CASEFILE_HOME, as they were given; else the default.
Result<std::filesystem::path> home_of(const Options& options);

}  // namespace casefile::app
