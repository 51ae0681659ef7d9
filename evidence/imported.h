#pragma once
// Cases that came from elsewhere: <home>/imported/<key fingerprint>/<case>. They are read and never written.

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"

namespace casefile::evidence {

inline constexpr const char* imported_name = "imported";

struct ImportedCase {
    std::filesystem::path folder;
    std::string key_fingerprint;
};

/// not_found when no such case was imported.
Result<ImportedCase> find_imported(const std::filesystem::path& home, const ImportedId& id);

/// "INC-2026-11-22-001@1a2b3c4d" of each, sorted; none where nothing was ever imported.
std::vector<std::string> imported_ids(const std::filesystem::path& home);

/// Why something was refused.
Error read_only_case(const std::string& id);

}  // namespace casefile::evidence
