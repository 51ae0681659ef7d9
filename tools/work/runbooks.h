#pragma once
// The runbooks of a home: Markdown files of its owner.

#include <filesystem>
#include <string>
#include <vector>

namespace casefile::tools::work {

struct Runbook {
    std::string name, title, text;               ///< name: of the file, without .md
    std::vector<std::string> reads, for_people;  ///< steps: those that a casefile tool can do, and the others
};

/// By name. Of each file the first 64 KiB, of the folder the first thousand files.
std::vector<Runbook> read_runbooks(const std::filesystem::path& home);

}  // namespace casefile::tools::work
