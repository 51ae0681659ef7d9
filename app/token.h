#pragma once
// The bearer token of this installation: who has it may do over HTTP what the user may do at the command
// line.

#include <filesystem>

#include "base/error.h"
#include "base/secret.h"

namespace casefile::app {

/// Reads <home>/token, and makes it when it is not there: 32 random bytes in hexadecimal, mode 0600. Refuses
/// a file that others can read, that belongs to another user, or that holds no token.
Result<Secret> installation_token(const std::filesystem::path& home);

}  // namespace casefile::app
