#pragma once
// What a person reads who mistyped: the word that was not understood, what there is, and the way on.

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace casefile::app {

/// "no command 'frobnicate'; there are: serve, call"; for an empty word that one is required.
std::string no_such_command(const std::string& word, const std::vector<std::string>& known);

/// For CLI::App::failure_message.
std::string usage_mistake(const CLI::App& app, const CLI::Error& error);

/// Nothing for the fingerprint of a key, otherwise what was expected: a check of an option.
std::string check_fingerprint(const std::string& text);

}  // namespace casefile::app
