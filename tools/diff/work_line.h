#pragma once
// Work on its way from the thread that finds it to the one that does it.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/error.h"
#include "sources/mysql/source.h"

namespace casefile::tools::diff {

/// give() and finish() belong to one thread. So many items may wait as the line was made for; then give()
/// does. The work may ask MySQL, which its thread takes leave of.
template <class Item>
class WorkLine {
  public:
    using Work = std::function<Result<void>(Item item)>;
    /// `work` is called by a thread of this line, for one item after the other, until it fails.
    WorkLine(std::size_t waiting_max, Work work) : waiting_max_(waiting_max), work_(std::move(work)) {}
    WorkLine(const WorkLine&) = delete;
    WorkLine& operator=(const WorkLine&) = delete;
    /// Items that still wait are dropped.
    ~WorkLine() {
        {
            const std::lock_guard lock(mutex_);
            waiting_.clear();
        }
        end();
    }

    /// Fails with the error of the work, once there is one.
    Result<void> give(Item item) {
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return error_ || waiting_.size() < waiting_max_; });
        if (error_) return *error_;
        waiting_.push_back(std::move(item));
        changed_.notify_all();
        return {};
    }

    /// Waits until all is done.
    Result<void> finish() {
        end();
        return error_ ? Result<void>(*error_) : Result<void>();
    }

  private:
    void end() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
            if (waiting_.empty()) break;
            auto item = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            changed_.notify_all();
            auto done = guarded(std::move(item));
            lock.lock();
            if (done) continue;
            error_ = done.error();
            break;
        }
        lock.unlock();
        changed_.notify_all();
        sources::mysql::end_thread();
    }

    Result<void> guarded(Item item) const {
        try {
            return work_(std::move(item));
        } catch (const std::exception&) {
            return internal("a fault within casefile ended this comparison");
        }
    }

    const std::size_t waiting_max_;
    const Work work_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> waiting_;
    bool ended_ = false;
    std::optional<Error> error_;
    std::thread thread_;
};

}  // namespace casefile::tools::diff
