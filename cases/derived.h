#pragma once
// The files of a case that are made from its journal: case.json and the inspect log.

#include "cases/case.h"

namespace casefile::cases {

/// Which way of writing them a version of casefile has; one more whenever the same journal gives other bytes.
/// A file of an older layout is not compared, and is written anew with the next record of its case.
inline constexpr std::uint64_t derived_layout = 2;

/// Holds off other processes and threads that would write into the same case folder by name, while it lives.
class FolderLock {
  public:
    static Result<FolderLock> take(const std::filesystem::path& folder);
    FolderLock(FolderLock&&) noexcept;
    ~FolderLock();

    int folder() const { return folder_; }

  private:
    explicit FolderLock(int folder) : folder_(folder) {}
    int folder_;
};

/// Each is replaced in one step, mode 0600.
Result<void> write_derived(const FolderLock& lock, const CaseState& state,
                           const std::string& key_fingerprint);

}  // namespace casefile::cases
