#include "tools/diff/decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace casefile::tools::diff {
namespace {

constexpr std::size_t digits_max = 1'000;
constexpr std::int64_t exponent_max = 10'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the digits at the front of `text`.
std::string_view take_digits(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(taken.size());
    return taken;
}

/// Takes "e+12"; nothing when it is malformed or too large.
std::optional<std::int64_t> take_exponent(std::string_view& text) {
    if (text.empty() || (text.front() != 'e' && text.front() != 'E')) return 0;
    text.remove_prefix(1);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const auto digits = take_digits(text);
    std::int64_t exponent = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (digits.empty() || failure != std::errc() || exponent > exponent_max) return std::nullopt;
    return negative ? -exponent : exponent;
}

/// Compares two rows of digits of the same length or none, as whole numbers.
bool is_less(const std::string& left, const std::string& right) {
    if (left.size() != right.size()) return left.size() < right.size();
    return left < right;
}

std::string without_leading_zeros(std::string digits) {
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

std::string sum(const std::string& left, const std::string& right) {
    std::string out(std::max(left.size(), right.size()) + 1, '0');
    int carry = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int digit = carry + (i < left.size() ? left[left.size() - 1 - i] - '0' : 0) +
                          (i < right.size() ? right[right.size() - 1 - i] - '0' : 0);
        out[out.size() - 1 - i] = static_cast<char>('0' + digit % 10);
        carry = digit / 10;
    }
    return without_leading_zeros(std::move(out));
}

/// larger - smaller.
std::string difference(const std::string& larger, const std::string& smaller) {
    std::string out = larger;
    int borrowed = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        int digit = larger[larger.size() - 1 - i] - '0' - borrowed -
                    (i < smaller.size() ? smaller[smaller.size() - 1 - i] - '0' : 0);
        borrowed = digit < 0 ? 1 : 0;
        if (digit < 0) digit += 10;
        out[out.size() - 1 - i] = static_cast<char>('0' + digit);
    }
    return without_leading_zeros(std::move(out));
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
    Decimal out;
    out.negative_ = text.starts_with('-');
    if (out.negative_) text.remove_prefix(1);
    const auto whole = take_digits(text);
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = take_digits(text);
        if (fraction.empty()) return std::nullopt;
    }
    if (whole.empty() && fraction.empty()) return std::nullopt;
    if (whole.size() + fraction.size() > digits_max) return std::nullopt;
    const auto exponent = take_exponent(text);
    if (!exponent || !text.empty()) return std::nullopt;
    out.digits_.append(whole).append(fraction);
    out.exponent_ = *exponent - static_cast<std::int64_t>(fraction.size());
    out.tidy();
    return out;
}

void Decimal::tidy() {
    digits_ = without_leading_zeros(std::move(digits_));
    while (!digits_.empty() && digits_.back() == '0') {
        digits_.pop_back();
        ++exponent_;
    }
    if (!digits_.empty()) return;
    negative_ = false;
    exponent_ = 0;
}

Decimal Decimal::minus(const Decimal& other) const {
    Decimal out;
    out.exponent_ = std::min(exponent_, other.exponent_);
    const auto aligned = [&](const Decimal& one) {
        return one.digits_.empty()
                   ? std::string()
                   : one.digits_ + std::string(static_cast<std::size_t>(one.exponent_ - out.exponent_), '0');
    };
    const auto left = aligned(*this), right = aligned(other);
    if (negative_ != other.negative_) {
        out.digits_ = sum(left, right);
        out.negative_ = negative_;
    } else if (is_less(left, right)) {
        out.digits_ = difference(right, left);
        out.negative_ = !negative_;
    } else {
        out.digits_ = difference(left, right);
        out.negative_ = negative_;
    }
    out.tidy();
    return out;
}

bool Decimal::is_within(const Decimal& tolerance, const Decimal& other) const {
    auto distance = minus(other);
    distance.negative_ = false;
    const auto beyond = distance.minus(tolerance);
    return beyond.negative_ || beyond.digits_.empty();
}

std::string Decimal::text() const {
    if (digits_.empty()) return "0";
    return (negative_ ? "-" : "") + digits_ + "e" + std::to_string(exponent_);
}

std::string Decimal::plain() const {
    constexpr std::int64_t digits_shown_max = 60;
    const auto count = static_cast<std::int64_t>(digits_.size());
    if (digits_.empty() || std::max(count, std::max(exponent_ + count, -exponent_)) > digits_shown_max)
        return text();
    auto out = digits_;
    if (exponent_ >= 0) {
        out.append(static_cast<std::size_t>(exponent_), '0');
    } else {
        const auto fraction = static_cast<std::size_t>(-exponent_);
        if (out.size() <= fraction) out.insert(0, fraction + 1 - out.size(), '0');
        out.insert(out.size() - fraction, ".");
    }
    return (negative_ ? "-" : "") + out;
}

double Decimal::nearest() const { return std::strtod(text().c_str(), nullptr); }

bool is_plain_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto whole = take_digits(text);
    if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (take_digits(text).empty()) return false;
    }
    return text.empty();
}

}  // namespace casefile::tools::diff
