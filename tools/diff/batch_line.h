#pragma once
// Batches of records on their way from the thread that reads them to the one that works on them.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "tools/diff/side.h"

namespace casefile::tools::diff {

/// give() and finish() belong to one thread. A few batches may wait; then give() does.
class BatchLine {
  public:
    using Work = std::function<Result<void>(std::vector<Record> batch)>;
    /// `work` is called by a thread of this line, one batch after the other, until it fails.
    explicit BatchLine(Work work) : work_(std::move(work)) {}
    /// Batches that still wait are dropped.
    ~BatchLine();

    /// Fails with the error of the work, once there is one.
    Result<void> give(std::vector<Record> batch);
    /// Waits until all is done.
    Result<void> finish();

  private:
    void run();

    const Work work_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::vector<Record>> waiting_;
    bool ended_ = false;
    std::optional<Error> error_;
    std::thread thread_;
};

}  // namespace casefile::tools::diff
