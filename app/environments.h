#pragma once
// Finds the environments in variables: MYSQL_<ENV>_URL, REDIS_<ENV>_URL, KAFKA_<ENV>_BROKERS. Never guesses
// one.

#include <filesystem>
#include <map>

#include "app/config.h"
#include "sources/source.h"
#include "tools/workbench.h"

namespace casefile::app {

using Variables = std::map<std::string, std::string>;

struct Environments {
    std::vector<sources::Endpoint> endpoints;
    std::vector<tools::Problem>
        problems;  ///< variables that look like ours and cannot be used, without their values
};

Environments find_environments(const Variables& variables, const Config& config);

/// The lines of an env file that casefile does not use, such as one with a mistyped name. Those that
/// find_environments tells of are left to it.
std::vector<tools::Problem> unused_variables(const Variables& file);

/// The variables of this process.
Variables process_variables();

/// `KEY=VALUE` lines, with optional `export`, quotes and # comments. Refused unless the file belongs to the
/// user and nobody else can read it.
Result<Variables> read_env_file(const std::filesystem::path& file);

}  // namespace casefile::app
