#include "tools/mysql/text_marks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace casefile::tools::mysql {
namespace {

using Bytes = unsigned char __attribute__((vector_size(16)));
using Found = signed char __attribute__((vector_size(16)));

bool any(const Found& found) {
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), &found, sizeof found);
    return (halves[0] | halves[1]) != 0;
}

}  // namespace

TextMarks marks_in(std::string_view text) {
    if (text.empty()) return TextMarks::any_bytes;
    Found beyond{}, marks{};
    const auto look_at = [&](const Bytes& some) {
        beyond |= (some < 0x20) | (some >= 0x7F);
        marks |= (some == '"') | (some == '\\') | (some == ',') | (some == '|');
    };
    Bytes some;
    constexpr std::size_t half = sizeof some / 2;
    if (text.size() < half) {
        std::memset(&some, ' ', sizeof some);
        std::memcpy(&some, text.data(), text.size());
        look_at(some);
    } else if (text.size() < sizeof some) {
        // Its first and its last bytes, which may be the same.
        std::array<std::uint64_t, 2> halves{};
        std::memcpy(&halves[0], text.data(), half);
        std::memcpy(&halves[1], text.data() + text.size() - half, half);
        std::memcpy(&some, halves.data(), sizeof some);
        look_at(some);
    } else {
        // The last look may meet some bytes again.
        for (std::size_t at = 0; at < text.size(); at += sizeof some) {
            std::memcpy(&some, text.data() + std::min(at, text.size() - sizeof some), sizeof some);
            look_at(some);
        }
    }
    if (any(beyond)) return TextMarks::any_bytes;
    return any(marks) ? TextMarks::ascii : TextMarks::none;
}

}  // namespace casefile::tools::mysql
