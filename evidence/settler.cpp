#include "evidence/settler.h"

#include <algorithm>

namespace casefile::evidence {

Settler::~Settler() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Settler::later(const void* owner, std::chrono::milliseconds delay, std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    const auto at = std::chrono::steady_clock::now() + delay;
    const auto [place, fresh] = due_.try_emplace(owner, Due{at, {}});
    auto& due = place->second;
    due.work = std::move(work);
    // The thread sleeps until the earliest of them: it is woken where this one comes earlier.
    const bool earlier = fresh || at < due.at;
    due.at = std::min(due.at, at);
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    if (earlier) changed_.notify_one();
}

void Settler::run() {
    std::unique_lock lock(mutex_);
    while (!ending_ || !due_.empty()) {
        const auto first = std::min_element(
            due_.begin(), due_.end(),
            [](const auto& left, const auto& right) { return left.second.at < right.second.at; });
        if (first == due_.end()) {
            changed_.wait(lock);
        } else if (!ending_ && first->second.at > std::chrono::steady_clock::now()) {
            changed_.wait_until(lock, Time(first->second.at));
        } else {
            const auto work = std::move(first->second.work);
            due_.erase(first);
            lock.unlock();
            work();
            lock.lock();
        }
    }
}

}  // namespace casefile::evidence
