#include "sources/kafka/time_order.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace casefile::sources::kafka {

std::vector<std::size_t> in_time_order(const std::vector<Message>& messages, bool newest_first) {
    const auto count = messages.size();
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (newest_first) std::reverse(order.begin(), order.end());
    // A message goes no further than the one before it in its partition: it takes that one's time.
    constexpr auto newest = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> times(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& message = messages[order[i]];
        const bool begins = i == 0 || messages[order[i - 1]].partition != message.partition;
        const auto before = !begins ? times[order[i - 1]] : newest_first ? newest : 0;
        auto& time = times[order[i]];
        time = newest_first ? std::min(before, message.timestamp_ms) : std::max(before, message.timestamp_ms);
        if (message.timestamp_ms < 0) time = before;
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return newest_first ? times[left] > times[right] : times[left] < times[right];
    });
    return order;
}

}  // namespace casefile::sources::kafka
