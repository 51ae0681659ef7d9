#pragma once
// What each column of a result holds, over all rows that streamed: how many NULLs, about how many different
// values, the smallest and the largest. Memory does not grow with the rows: 4 KiB a column.
//
// It reads the lines of the CSV file rather than the cells, so it can tell nothing that the file does not
// hold.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/mysql/source.h"

namespace casefile::tools::mysql {

/// Counts different values in constant memory: HyperLogLog with 4,096 registers and a 64-bit hash. The
/// standard error is 1.04 / sqrt(4096) = 1.6 %; up to some hundred values the count is nearly always exact.
class DistinctSketch {
  public:
    void add(std::string_view value);
    std::uint64_t estimate() const;

  private:
    static constexpr unsigned index_bits = 12;
    std::array<std::uint8_t, 1U << index_bits> registers_{};
};

/// Numbers, and times of day, compare by value and exactly; dates and text by their bytes.
enum class Order { none, number, floating, text };
Order order_of(const sources::mysql::Column& column);

/// Less than, equal to, greater than 0, by the value of two decimals of any length as the server prints them:
/// "-12.50", "0042", or times "-838:59:59.123".
int compare_numbers(std::string_view left, std::string_view right);

class ColumnProfile {
  public:
    explicit ColumnProfile(const sources::mysql::Column& column)
        : order_(order_of(column)), values_(std::make_unique<DistinctSketch>()) {}
    void add_null() { ++nulls_; }
    void add(std::string_view value);

    std::uint64_t nulls() const { return nulls_; }
    std::uint64_t distinct() const { return values_->estimate(); }
    /// None where all are NULL, and for bytes and JSON, which have no order of use. Text is kept to its first
    /// 128 bytes.
    const std::optional<std::string>& min() const { return min_; }
    const std::optional<std::string>& max() const { return max_; }

  private:
    int compare(std::string_view left, std::string_view right) const;

    Order order_;
    std::uint64_t nulls_ = 0;
    std::optional<std::string> min_, max_;
    std::unique_ptr<DistinctSketch> values_;
};

class ResultProfile {
  public:
    void begin(const std::vector<sources::mysql::Column>& columns);
    /// Lines of the file, whole, with their line ends and without the names of the columns.
    void look_at(std::string_view lines);
    /// One for each column.
    const std::vector<ColumnProfile>& columns() const { return profiles_; }

  private:
    std::string_view look_at_line(std::string_view lines);

    std::vector<ColumnProfile> profiles_;
    std::string unquoted_;  ///< of one field
};

}  // namespace casefile::tools::mysql
