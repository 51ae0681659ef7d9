#include "tools/diff/batch_line.h"

#include "sources/mysql/source.h"

namespace casefile::tools::diff {
namespace {

constexpr std::size_t waiting_max = 4;

}  // namespace

BatchLine::~BatchLine() {
    {
        const std::lock_guard lock(mutex_);
        waiting_.clear();
        ended_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Result<void> BatchLine::give(std::vector<Record> batch) {
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return error_ || waiting_.size() < waiting_max; });
    if (error_) return *error_;
    waiting_.push_back(std::move(batch));
    changed_.notify_all();
    return {};
}

Result<void> BatchLine::finish() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (error_) return *error_;
    return {};
}

void BatchLine::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
        if (waiting_.empty()) break;
        auto batch = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        changed_.notify_all();
        Result<void> done;
        try {
            done = work_(std::move(batch));
        } catch (const std::exception&) {
            done = internal("a fault within casefile ended this comparison");
        }
        lock.lock();
        if (done) continue;
        error_ = done.error();
        break;
    }
    lock.unlock();
    changed_.notify_all();
    sources::mysql::end_thread();  // a second look may have asked a database from here
}

}  // namespace casefile::tools::diff
