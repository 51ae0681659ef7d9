#include "mcp/lookout.h"

#include "base/log.h"
#include "base/text.h"
#include "mcp/refusals.h"

namespace casefile::mcp {
namespace {

constexpr int look_share = 50;  ///< at most so small a part of the time goes into looking

}  // namespace

void Lookout::wake() {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    woken_.notify_one();
    if (looker_.joinable()) return;
    try {
        looker_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    } catch (const std::system_error& failure) {
        // The next to listen tries again; what this process changes is told all the same.
        log_error(std::string("no thread looks for the changes of others: ") + failure.what());
    }
}

void Lookout::run(const std::stop_token& stop) {
    using Clock = std::chrono::steady_clock;
    const auto never = [] { return false; };
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        is_woken_ = false;
        lock.unlock();
        const auto began = Clock::now();
        const bool goes_on = guarded(look_, [](std::string_view cause) {
            log_error("a look for the changes of others failed: " + printable(cause));
            return true;
        });
        const auto took = Clock::now() - began;
        lock.lock();
        woken_.wait_for(lock, stop, took * look_share, never);
        const auto is_woken = [this] { return is_woken_; };
        if (goes_on)
            woken_.wait_for(lock, stop, pause_, is_woken);
        else
            woken_.wait(lock, stop, is_woken);
    }
}

}  // namespace casefile::mcp
