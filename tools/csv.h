#pragma once
// CSV as RFC 4180 writes it, with two additions: NULL is an empty field, the empty string is "".

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace casefile::tools {

/// Appends one field. The caller writes the commas and the line ends (\r\n).
void append_csv_field(std::string& out, std::string_view value);
inline void append_csv_null(std::string&) {}

/// Reads rows one by one, in memory that depends on the longest row alone. Takes \r\n and \n as line ends,
/// also in one file, and a byte order mark. A last line without a line end counts. An empty line is a row of
/// one NULL.
class CsvReader {
  public:
    using Row = std::vector<std::optional<std::string>>;  ///< nothing: NULL
    /// Fills the buffer and gives the bytes read, 0 at the end.
    using Source = std::function<Result<std::size_t>(std::span<char>)>;

    explicit CsvReader(Source source);

    /// True while there was a row. The error names the line: a quote within an unquoted field, text after a
    /// closing quote, a quote never closed, more than 4,096 fields or 16 MiB in one row.
    Result<bool> next(Row& row);
    /// Where the row that was read last began, from 1.
    std::uint64_t line() const { return row_line_; }

  private:
    Result<int> peek();  ///< the next byte, -1 at the end
    Result<int> take();
    Result<void> read_field(std::optional<std::string>& field);
    Result<void> read_quoted(std::string& field);
    Error error(const std::string& what) const;

    Source source_;
    std::string buffer_;
    std::size_t at_ = 0, end_ = 0;
    std::uint64_t line_ = 1, row_line_ = 1;
    std::size_t row_bytes_ = 0;
    bool ended_ = false, begun_ = false;
};

}  // namespace casefile::tools
