#include "mcp/progress.h"

#include <cmath>

namespace casefile::mcp {
namespace {

/// 5 rather than 5E0, which is how Boost.JSON writes a double.
json::value number(double value) {
    constexpr double exact_max = 9'007'199'254'740'992;  // 2^53
    if (std::floor(value) == value && std::abs(value) < exact_max) return static_cast<std::int64_t>(value);
    return value;
}

}  // namespace

void Progress::tell(double done, std::optional<double> total, const std::string& message) {
    if (!std::isfinite(done)) return;
    const std::lock_guard lock(mutex_);
    if (last_done_ && done <= *last_done_) return;
    const auto now = clock_.now();
    // A clock that was set back must not silence the rest of the call.
    const bool too_soon = last_done_ && now >= last_at_ && now - last_at_ < pause;
    if (too_soon) return;
    last_done_ = done;
    last_at_ = now;

    json::object params{{"progressToken", to_json(token_)}, {"progress", number(done)}};
    if (total && std::isfinite(*total)) params["total"] = number(*total);
    if (revision_.annotations && !message.empty()) params["message"] = message;
    reply_.tell(make_notification("notifications/progress", std::move(params)));
}

}  // namespace casefile::mcp
