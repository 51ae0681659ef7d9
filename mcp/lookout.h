#pragma once
// Looks now and then for what nobody tells this process: what others on the same home changed.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace casefile::mcp {

/// Calls `look` every `pause`, on a thread of its own, until it says that nobody listens any more; then rests
/// until it is woken. The thread begins with the first wake().
class Lookout {
  public:
    Lookout(std::chrono::milliseconds pause, std::function<bool()> look)
        : pause_(pause), look_(std::move(look)) {}

    /// Somebody listens, maybe to something new: looks soon. Safe to call from any thread.
    void wake();

  private:
    void run(const std::stop_token& stop);

    const std::chrono::milliseconds pause_;
    const std::function<bool()> look_;
    std::mutex mutex_;
    std::condition_variable_any woken_;
    bool is_woken_ = false;
    std::jthread looker_;  ///< last, so that it ends before what it uses
};

}  // namespace casefile::mcp
