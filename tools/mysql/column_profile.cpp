#include "tools/mysql/column_profile.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace casefile::tools::mysql {
namespace {

constexpr std::size_t text_bytes_max = 128;

/// Spreads values over 64 bits. It need not withstand an enemy: the worst is a wrong estimate.
std::uint64_t hash_of(std::string_view value) {
    constexpr std::uint64_t factor = 0x9E3779B97F4A7C15;
    std::uint64_t hash = value.size() * factor;
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    };
    while (value.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, value.data(), 8);
        mix(word);
        value.remove_prefix(8);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, value.data(), value.size());
    mix(rest);
    hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
    hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
    return hash ^ (hash >> 33);
}

/// "-0042.50": negative, "42", "50".
struct Digits {
    bool negative = false;
    std::string_view whole, rest;
};

Digits digits_of(std::string_view text) {
    Digits out{.negative = text.starts_with('-')};
    if (out.negative || text.starts_with('+')) text.remove_prefix(1);
    const auto mark = text.find_first_of(".:");
    out.whole = text.substr(0, mark);
    if (mark != std::string_view::npos) out.rest = text.substr(mark + 1);
    while (out.whole.starts_with('0')) out.whole.remove_prefix(1);
    return out;
}

/// Behind the point, where 5 and 50 are the same.
int compare_rest(std::string_view left, std::string_view right) {
    const auto both = std::min(left.size(), right.size());
    if (const int order = left.substr(0, both).compare(right.substr(0, both)); order != 0) return order;
    if (left.find_first_not_of('0', both) != std::string_view::npos) return 1;
    return right.find_first_not_of('0', both) != std::string_view::npos ? -1 : 0;
}

int compare_magnitudes(const Digits& left, const Digits& right) {
    if (left.whole.size() != right.whole.size()) return left.whole.size() < right.whole.size() ? -1 : 1;
    if (const int order = left.whole.compare(right.whole); order != 0) return order;
    return compare_rest(left.rest, right.rest);
}

double double_of(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

void DistinctSketch::add(std::string_view value) {
    const auto hash = hash_of(value);
    // The first bits choose a register, which keeps the longest run of zeros seen in the others.
    const auto index = hash >> (64 - index_bits);
    const auto run = static_cast<std::uint8_t>(std::countl_zero((hash << index_bits) | 1) + 1);
    if (run > registers_[index]) registers_[index] = run;
}

std::uint64_t DistinctSketch::estimate() const {
    constexpr auto count = static_cast<double>(1U << index_bits);
    double sum = 0, empty = 0;
    for (const auto run : registers_) {
        sum += std::ldexp(1.0, -run);
        if (run == 0) ++empty;
    }
    const double raw = 0.7213 / (1 + 1.079 / count) * count * count / sum;
    // With many registers empty, how many says more than what the others hold.
    const double value = raw <= 2.5 * count && empty > 0 ? count * std::log(count / empty) : raw;
    return static_cast<std::uint64_t>(std::llround(value));
}

Order order_of(const sources::mysql::Column& column) {
    const std::string_view type = column.type;
    if (column.binary || type == "JSON") return Order::none;
    if (type.starts_with("FLOAT") || type.starts_with("DOUBLE")) return Order::floating;
    for (const std::string_view number :
         {"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "DECIMAL", "YEAR", "BIT"})
        if (type.starts_with(number)) return Order::number;
    return type == "TIME" ? Order::number : Order::text;
}

int compare_numbers(std::string_view left, std::string_view right) {
    const auto l = digits_of(left), r = digits_of(right);
    if (l.negative != r.negative) return l.negative ? -1 : 1;
    return l.negative ? compare_magnitudes(r, l) : compare_magnitudes(l, r);
}

int ColumnProfile::compare(std::string_view left, std::string_view right) const {
    if (order_ == Order::number) return compare_numbers(left, right);
    if (order_ == Order::text) return left.compare(right);
    const double l = double_of(left), r = double_of(right);
    return l < r ? -1 : l > r ? 1 : 0;
}

void ColumnProfile::add(std::string_view value) {
    values_->add(value);
    if (order_ == Order::none) return;
    if (order_ == Order::text) value = value.substr(0, text_bytes_max);
    if (!min_) {
        min_ = max_ = std::string(value);
    } else if (compare(value, *min_) < 0) {
        min_->assign(value);
    } else if (compare(value, *max_) > 0) {
        max_->assign(value);
    }
}

void ResultProfile::begin(const std::vector<sources::mysql::Column>& columns) {
    for (const auto& column : columns) profiles_.emplace_back(column);
}

void ResultProfile::look_at(std::string_view lines) {
    while (!lines.empty()) lines = look_at_line(lines);
}

/// What follows the first line. The lines are our own: their fields are as many as the columns, and well
/// formed.
std::string_view ResultProfile::look_at_line(std::string_view lines) {
    for (auto& profile : profiles_) {
        const bool last = &profile == &profiles_.back();
        if (!lines.starts_with('"')) {
            const auto field = lines.substr(0, lines.find(last ? '\r' : ','));
            lines.remove_prefix(std::min(lines.size(), field.size() + 1));
            if (field.empty())
                profile.add_null();
            else
                profile.add(field);
            continue;
        }
        auto end = lines.find('"', 1);
        std::string_view field = lines.substr(1, end - 1);
        if (lines.substr(end).starts_with("\"\"")) {
            unquoted_.assign(field);
            do {
                const auto next = lines.find('"', end + 2);
                unquoted_ += lines.substr(end + 1, next - end - 1);
                end = next;
            } while (lines.substr(end).starts_with("\"\""));
            field = unquoted_;
        }
        profile.add(field);
        lines.remove_prefix(std::min(lines.size(), end + 2));
    }
    // The line feed: the carriage return went with the last field.
    lines.remove_prefix(1);
    return lines;
}

}  // namespace casefile::tools::mysql
