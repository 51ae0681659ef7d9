#pragma once
// Time that moves when a test says so.

#include <atomic>

#include "base/clock.h"

namespace casefile {

class ManualClock : public Clock {
  public:
    /// Begins at 2026-11-22T14:00:00Z.
    WallTime now() const override { return WallTime(std::chrono::milliseconds(now_ms_.load())); }
    void advance(std::chrono::milliseconds by) { now_ms_ += by.count(); }

  private:
    std::atomic<std::int64_t> now_ms_ = 1'795'356'000'000;
};

}  // namespace casefile
