#pragma once
// Where the rows of a query go: every one into a CSV file, hashed on the way, the first of them into the
// answer.

#include "evidence/run.h"
#include "sources/mysql/source.h"

namespace casefile::tools::mysql {

/// How one value looks in an answer: 64-bit integers, decimals and times as strings exactly as the server
/// printed them, small integers as numbers, bytes as base64, NULL as null.
json::value shown_cell(const sources::mysql::Column& column, const sources::mysql::Cell& cell,
                       std::size_t bytes_max);

class RowWriter : public sources::mysql::RowSink {
  public:
    struct Bounds {
        std::uint64_t rows_max = 0;           ///< into the file; one more shows that there are more
        std::uint64_t preview_rows_max = 0;   ///< into the answer
        std::uint64_t preview_bytes_max = 0;  ///< of the answer's rows as JSON
        std::uint64_t value_bytes_max = 0;    ///< of one value in the answer
    };
    RowWriter(evidence::OutputFile& file, Bounds bounds) : file_(file), bounds_(bounds) {}

    Result<void> columns(const std::vector<sources::mysql::Column>& columns) override;
    Result<bool> row(std::span<const sources::mysql::Cell> cells) override;

    const std::vector<sources::mysql::Column>& columns() const { return columns_; }
    json::array take_preview() { return std::move(preview_); }
    std::uint64_t rows() const { return rows_; }
    bool more_rows() const { return more_; }

  private:
    evidence::OutputFile& file_;
    Bounds bounds_;
    std::vector<sources::mysql::Column> columns_;
    json::array preview_;
    std::uint64_t preview_bytes_ = 0, rows_ = 0;
    bool more_ = false, preview_full_ = false;
    std::string line_;
};

}  // namespace casefile::tools::mysql
