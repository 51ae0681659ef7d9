#pragma once
// What may come a moment after the answer: one thread that brings head.json up to the journals.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace casefile::evidence {

/// Safe to use from any thread. Its end does at once what is still due.
class Settler {
  public:
    Settler() = default;
    ~Settler();
    Settler(const Settler&) = delete;
    Settler& operator=(const Settler&) = delete;

    /// Calls `work` on the settler's thread after `delay`. Work that waits for the same owner already is
    /// replaced, and keeps the earlier time.
    void later(const void* owner, std::chrono::milliseconds delay, std::function<void()> work);

  private:
    using Time = std::chrono::steady_clock::time_point;
    struct Due {
        Time at;
        std::function<void()> work;
    };
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<const void*, Due> due_;
    bool ending_ = false;
    std::thread thread_;  ///< begins with the first work
};

}  // namespace casefile::evidence
