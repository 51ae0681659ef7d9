#pragma once
// The chain file of one case: opened, locked for one operation, and noticed when it is another.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "evidence/files.h"

namespace casefile::evidence {

/// Nobody of ours holds a chain for longer than it takes to read it once.
inline constexpr std::chrono::milliseconds lock_patience{10'000};

/// Holds a lock on an open chain file for as long as it lives: shared for readers, exclusive for the one
/// writer. Closing the descriptor releases it, and so does the death of the process. `unavailable` when
/// another process holds it for longer than `patience`.
enum class Lock { shared, exclusive };
Result<void> lock_chain(int chain_file, Lock lock, std::chrono::milliseconds patience = lock_patience);
void unlock_chain(int chain_file);

/// The folder of a case and its chain file; no file while the case has no record.
struct OpenChain {
    Descriptor folder, file;
    bool writable = false;
    std::uint64_t device = 0, inode = 0;
};

/// A chain locked for one operation, which ends with this.
class LockedChain {
  public:
    LockedChain(std::shared_ptr<const OpenChain> chain, std::uint64_t size)
        : chain_(std::move(chain)), size_(size) {}
    LockedChain(LockedChain&&) noexcept = default;
    LockedChain& operator=(LockedChain&&) = delete;
    ~LockedChain();

    const OpenChain* operator->() const { return chain_.get(); }
    /// May outlive the lock.
    const std::shared_ptr<const OpenChain>& chain() const { return chain_; }
    /// Bytes of the file when it was locked.
    std::uint64_t size() const { return size_; }

  private:
    std::shared_ptr<const OpenChain> chain_;
    std::uint64_t size_;
};

/// Where a journal finds its file. Used by one thread at a time.
class ChainFile {
  public:
    explicit ChainFile(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// What was opened to write stays open, but a folder that was moved, restored or mounted again is
    /// noticed: what stands under the name has to be what is open. A case without a record has no file to
    /// read, and gets one to write. Errors: `unavailable` without the folder, `internal` when the file alone
    /// is gone.
    Result<LockedChain> lock(Lock lock);
    /// Closes what is kept open, until the next lock().
    void rest() { kept_.reset(); }
    const std::filesystem::path& folder() const { return folder_; }

  private:
    std::filesystem::path folder_;
    std::shared_ptr<const OpenChain> kept_;
};

/// For a chain to which nothing can be added any more.
Error broken_chain(const std::string& what);

}  // namespace casefile::evidence
