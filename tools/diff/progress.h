#pragma once
// How far a comparison is: records a second, and when it may be done.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace casefile::tools::diff {

/// Used by one thread at a time.
class Progress {
  public:
    using Send = std::function<void(double done, std::optional<double> total, const std::string& message)>;
    /// About how many records there are in all; asked once, and only when the work takes its time.
    using Estimate = std::function<std::optional<std::int64_t>()>;

    explicit Progress(Send send) : send_(std::move(send)) {}

    void estimate_by(Estimate estimate) { estimate_ = std::move(estimate); }
    /// Sends at most twice a second.
    void step(std::int64_t records);
    /// Sends what was done in the end.
    void finish() { send(std::chrono::steady_clock::now()); }

  private:
    void send(std::chrono::steady_clock::time_point now);

    Send send_;
    Estimate estimate_;
    std::int64_t done_ = 0, looked_at_ = 0;
    std::optional<std::int64_t> total_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point sent_ = began_;
};

}  // namespace casefile::tools::diff
