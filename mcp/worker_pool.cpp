#include "mcp/worker_pool.h"

#include <cassert>
#include <system_error>
#include <utility>

namespace casefile::mcp {

WorkerPool::WorkerPool(std::size_t threads_max, std::size_t queue_max, std::function<void()> at_thread_end)
    : threads_max_(threads_max), queue_max_(queue_max), at_thread_end_(std::move(at_thread_end)) {
    assert(threads_max > 0);
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
}

bool WorkerPool::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= queue_max_) return false;
        if (waiting_ <= queue_.size() && !begin_thread() && threads_.empty()) return false;
        queue_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

/// False when there are enough, or the system has none to give.
bool WorkerPool::begin_thread() {
    if (ending_ || threads_.size() >= threads_max_) return false;
    try {
        threads_.emplace_back([this] { run(); });
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

void WorkerPool::drain() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return queue_.empty() && busy_ == 0; });
}

void WorkerPool::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        ++waiting_;
        wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        --waiting_;
        if (queue_.empty()) break;
        auto work = std::move(queue_.front());
        queue_.pop_front();
        ++busy_;
        lock.unlock();
        work();
        // What the work holds is let go before the lock is taken: its destructor may post again.
        work = nullptr;
        lock.lock();
        if (--busy_ == 0 && queue_.empty()) idle_.notify_all();
    }
    lock.unlock();
    if (at_thread_end_) at_thread_end_();
}

}  // namespace casefile::mcp
