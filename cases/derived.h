#pragma once
// The files of a case that are made from its journal: case.json and the inspect log.

#include "cases/case.h"

namespace casefile::cases {

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
