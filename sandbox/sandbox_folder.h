#pragma once
// The folder of a sandbox: whose it is, whether it may be emptied, and one command at a time in it.

#include <filesystem>

#include "base/descriptor.h"
#include "base/error.h"

namespace casefile::sandbox {

/// ${TMPDIR:-/tmp}/casefile-sandbox-<uid>
std::filesystem::path default_folder();

/// An existing folder, held against other commands until destroyed.
class SandboxFolder {
  public:
    /// Makes the folder when it is not there. Refuses one that belongs to someone else, that others may
    /// enter, or that holds things which no sandbox put there.
    static Result<SandboxFolder> open_or_make(const std::filesystem::path& path);
    /// The same, but an error of kind not_found when the folder is not there.
    static Result<SandboxFolder> open(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return path_; }
    Result<void> empty() const;
    Result<void> remove() const;

  private:
    SandboxFolder(std::filesystem::path path, Descriptor lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::filesystem::path path_;
    Descriptor lock_;
};

}  // namespace casefile::sandbox
