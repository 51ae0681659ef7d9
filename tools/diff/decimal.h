#pragma once
// Exact decimals of any length, as databases and JSON print them. Nothing here passes through a double.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace casefile::tools::diff {

/// A sign, digits and a power of ten, always in the same shape: 12.50, 12.5 and 1.25e1 are one value, as are
/// 0 and -0.
class Decimal {
  public:
    /// Reads "-12.50", ".5", "1.25e1". Nothing for anything else, also for more than 1,000 digits or an
    /// exponent beyond
    /// +-10,000, so that aligning two of them stays cheap.
    static std::optional<Decimal> parse(std::string_view text);

    bool operator==(const Decimal&) const = default;
    bool negative() const { return negative_; }

    /// |*this - other| <= tolerance.
    bool is_within(const Decimal& tolerance, const Decimal& other) const;

    Decimal minus(const Decimal& other) const;

    /// The same text for the same value: "125e-1".
    std::string text() const;
    /// For people: "12.5"; as text() where that would be longer than 60 digits.
    std::string plain() const;
    /// The nearest double.
    double nearest() const;

  private:
    void tidy();

    bool negative_ = false;
    std::string digits_;         ///< without zeros at either end; empty for zero
    std::int64_t exponent_ = 0;  ///< the value is digits_ * 10^exponent_
};

/// True for digits with at most one point and a sign, without exponent and without superfluous leading zeros:
/// what may be taken for a number although nothing says that it is one. "007" and "1e5" may be codes.
bool is_plain_number(std::string_view text);

}  // namespace casefile::tools::diff
