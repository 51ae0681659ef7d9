#pragma once
// The files of a case that are made from its journal: case.json and the inspect log.

#include "base/descriptor.h"
#include "cases/case.h"
#include "evidence/signing_key.h"

namespace casefile::cases {

/// Which way of writing them a version of casefile has; one more whenever the same journal gives other bytes.
/// A file of an older layout is written anew with the next record of its case. The opening record of a case
/// tells the layout that its files have at least.
inline constexpr std::uint64_t derived_layout = 6;
/// From this layout on the files are signed.
inline constexpr std::uint64_t first_signed_layout = 3;

/// Holds off other processes and threads that would write into the same case folder by name, while it lives.
class FolderLock {
  public:
    static Result<FolderLock> take(const std::filesystem::path& folder);
    int folder() const { return folder_.get(); }

  private:
    explicit FolderLock(Descriptor folder) : folder_(std::move(folder)) {}
    Descriptor folder_;  ///< closing it releases the lock
};

/// Each is replaced in one step, mode 0600.
Result<void> write_derived(const FolderLock& lock, const CaseState& state, const evidence::SigningKey& key);

/// As they are written.
std::string signed_case_json(const CaseState& state, const evidence::SigningKey& key);
std::string signed_inspect_log(const CaseState& state, const evidence::SigningKey& key);

}  // namespace casefile::cases
