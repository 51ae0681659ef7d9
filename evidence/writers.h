#pragma once
// Which processes file runs in a home, and what those left open that ended without a seal. Each keeps a file
// <home>/writers/<random> locked while it lives, with the ids of the cases it files runs of; each run keeps
// its own folder locked. What can be locked has no owner any more.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>

#include "evidence/files.h"
#include "evidence/journal.h"

namespace casefile::evidence {

/// This process among the writers of a home. Safe to use from any thread.
class Writer {
  public:
    explicit Writer(std::filesystem::path home) : home_(std::move(home)) {}
    /// Leaves the file to the next start when a run was left open.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Once for each case, before its first run of this process.
    Result<void> note(const std::string& case_id);
    /// How many runs of this process are open.
    std::atomic<std::int64_t>& open_runs() { return open_runs_; }

  private:
    Result<void> begin();

    const std::filesystem::path home_;
    std::mutex mutex_;
    Descriptor folder_, file_;
    std::string name_;
    std::atomic<std::int64_t> open_runs_ = 0;
};

/// Calls `mark` with each case that a writer which has ended named, one process at a time. Such a writer is
/// forgotten when `mark` could do its work for all of them.
void for_each_left_case(const std::filesystem::path& home,
                        const std::function<Result<void>(const std::string& case_id)>& mark);

/// Appends a record of kind interrupted for each run that is open and that no living process has in hand.
Result<void> mark_interrupted(Journal& journal);

}  // namespace casefile::evidence
