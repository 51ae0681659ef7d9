#pragma once
// The commands of casefile-sandbox. Each prints its answer to standard output, tells its progress on standard
// error, and returns the exit code: 0 done, 1 not.

#include <cstdint>
#include <filesystem>
#include <optional>

namespace casefile::sandbox {

/// Where this program and its sibling `casefile` are.
struct Programs {
    std::filesystem::path sandbox, casefile;
};

int up(const Programs& programs, const std::filesystem::path& folder, std::optional<std::uint32_t> seed);
int env(const Programs& programs, const std::filesystem::path& folder, bool exports_only);
int down(const std::filesystem::path& folder);
int demo_servers(const Programs& programs, std::uint32_t seed);

}  // namespace casefile::sandbox
