#pragma once
// Work that has to stay linear, judged by its growth, as seconds differ from machine to machine.

#include <algorithm>
#include <cstddef>
#include <ctime>

namespace casefile {

/// How many times as long `work(4 * size)` takes as `work(size)`: about 4 where it is linear, 16 where
/// everything looks at everything else. Processor time of this thread, of each the least of three, so that a
/// busy machine does not count.
template <class Work>
double growth(Work work, std::size_t size) {
    const auto seconds = [&](std::size_t size_now) {
        double least = 1e9;
        for (int i = 0; i < 3; ++i) {
            const auto now = [] {
                timespec time{};
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
                return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
            };
            const auto begin = now();
            work(size_now);
            least = std::min(least, now() - begin);
        }
        return least;
    };
    const auto once = seconds(size);
    return seconds(4 * size) / once;
}

}  // namespace casefile
