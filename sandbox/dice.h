#pragma once
// Chance that is the same for the same seed on every machine; the standard distributions do not promise that.
// For the same reason, throw once a statement (or within one braced list): the order within an expression is
// not fixed.

#include <cstdint>
#include <random>
#include <vector>

namespace casefile::sandbox {

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
    }
    bool chance(int percent) { return between(1, 100) <= percent; }

    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from[index(from.size())];
    }
    /// Removes what it returns, so that nothing is picked twice.
    template <class T>
    T take(std::vector<T>& from) {
        const auto place = from.begin() + static_cast<std::ptrdiff_t>(index(from.size()));
        T taken = std::move(*place);
        from.erase(place);
        return taken;
    }

    /// A place in something of this size.
    std::size_t index(std::size_t size) {
        return static_cast<std::size_t>(between(0, static_cast<std::int64_t>(size) - 1));
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace casefile::sandbox
