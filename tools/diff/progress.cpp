#include "tools/diff/progress.h"

#include <algorithm>

namespace casefile::tools::diff {
namespace {

constexpr std::chrono::milliseconds between_sends{500};
/// Work that is done by then needs no estimate.
constexpr std::chrono::seconds estimate_after{1};
constexpr std::int64_t records_between_looks = 256;

}  // namespace

void Progress::step(std::int64_t records) {
    done_ += records;
    if (done_ - looked_at_ < records_between_looks) return;
    looked_at_ = done_;
    const auto now = std::chrono::steady_clock::now();
    if (now - sent_ < between_sends) return;
    if (estimate_ && now - began_ > estimate_after) {
        total_ = estimate_();
        estimate_ = nullptr;
    }
    send(now);
}

void Progress::send(std::chrono::steady_clock::time_point now) {
    sent_ = now;
    const auto seconds = std::max(0.001, std::chrono::duration<double>(now - began_).count());
    const auto rate = static_cast<double>(done_) / seconds;
    auto message = std::to_string(done_) + " records";
    std::optional<double> total;
    if (total_ && *total_ >= done_) {
        total = static_cast<double>(*total_);
        message = std::to_string(done_) + " of about " + std::to_string(*total_) + " records";
    }
    message += ", " + std::to_string(static_cast<std::int64_t>(rate)) + " a second";
    if (total && rate > 0)
        message += ", about " +
                   std::to_string(static_cast<std::int64_t>((*total - static_cast<double>(done_)) / rate)) +
                   " s left";
    send_(static_cast<double>(done_), total, message);
}

}  // namespace casefile::tools::diff
