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

Result<std::unique_ptr<Home>> open_home(const Options& options);

/// "casefile: message; hint" on standard error; gives exit_no.
int complain(const Error& error);

}  // namespace casefile::app
