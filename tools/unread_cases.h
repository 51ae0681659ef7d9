#pragma once
// What an answer over all cases tells of those that cannot be read, so that none is missing unsaid.

#include "cases/casebook.h"

namespace casefile::tools {

/// A line for each of the first; nothing when all could be read.
std::optional<std::vector<std::string>> problems_of(const std::vector<cases::UnreadCase>& unread);

/// Adds one that the list still knew, once.
void add_unread(const std::string& id, const Error& why, std::vector<cases::UnreadCase>& unread);

}  // namespace casefile::tools
