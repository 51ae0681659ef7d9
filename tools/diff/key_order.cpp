#include "tools/diff/key_order.h"

#include <algorithm>
#include <functional>

namespace casefile::tools::diff {
namespace {

constexpr std::uint64_t first_text = std::uint64_t{1} << 63;

/// Digits as numbers are written: no sign, no leading zeros.
bool is_number(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::uint64_t rank_by_value(std::string_view text) {
    constexpr std::size_t digits_max = 18;
    if (is_number(text)) {
        if (text.size() > digits_max) return first_text - 1;
        std::uint64_t number = 0;
        for (const char c : text) number = number * 10 + static_cast<std::uint64_t>(c - '0');
        return number;
    }
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < 8; ++i)
        prefix = prefix << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    return first_text | prefix >> 1;
}

}  // namespace

std::uint64_t rank_of(KeyOrder order, const Key& key) {
    if (order == KeyOrder::by_value) return key.empty() ? 0 : rank_by_value(key.front());
    std::uint64_t rank = 0;
    for (const auto& part : key) rank = rank * 31 + std::hash<std::string_view>{}(part);
    return rank;
}

std::uint64_t rank_of(KeyOrder order, std::string_view part) {
    return order == KeyOrder::by_value ? rank_by_value(part) : std::hash<std::string_view>{}(part);
}

int compare_parts(KeyOrder order, std::string_view left, std::string_view right) {
    if (order == KeyOrder::by_value) {
        const bool l = is_number(left), r = is_number(right);
        if (l != r) return l ? -1 : 1;
        if (l && left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
    }
    return left.compare(right);
}

int compare_keys(KeyOrder order, const Key& left, const Key& right) {
    const auto l = rank_of(order, left), r = rank_of(order, right);
    if (l != r) return l < r ? -1 : 1;
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i)
        if (const auto difference = compare_parts(order, left[i], right[i]); difference != 0)
            return difference;
    return left.size() == right.size() ? 0 : left.size() < right.size() ? -1 : 1;
}

}  // namespace casefile::tools::diff
