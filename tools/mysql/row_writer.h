#pragma once
// Where the rows of a query go: every one into a CSV file, hashed on the way, the first of them into the
// answer. Each value is looked at once and appended to all three texts: the file, the JSON and the table.
// Of a large result, a thread of its own writes and profiles some lines while the next ones come.

#include <future>

#include "evidence/run.h"
#include "sources/mysql/source.h"
#include "tools/mysql/column_profile.h"
#include "tools/mysql/text_marks.h"
#include "tools/tool_spec.h"

namespace casefile::tools::mysql {

class RowWriter : public sources::mysql::RowSink {
  public:
    struct Bounds {
        std::uint64_t rows_max = 0;           ///< into the file; one more shows that there are more
        std::uint64_t file_bytes_max = 0;     ///< of the file; a row that does not fit ends the reading
        std::uint64_t preview_rows_max = 0;   ///< into the answer
        std::uint64_t preview_bytes_max = 0;  ///< of the answer's rows as JSON
        std::uint64_t value_bytes_max = 0;    ///< of one value in the answer
    };
    RowWriter(evidence::OutputFile& file, Bounds bounds)
        : file_(file), bounds_(bounds), value_bytes_max_(bounds.value_bytes_max) {}

    Result<void> columns(const std::vector<sources::mysql::Column>& columns) override;
    Result<bool> row(std::span<const sources::mysql::Cell> cells) override;
    /// After the last row: what is left goes into the file.
    Result<void> finish();

    const std::vector<sources::mysql::Column>& columns() const { return columns_; }
    /// In the answer, 64-bit integers, decimals and times are strings exactly as the server printed them,
    /// small integers numbers, bytes base64, NULL null.
    Rows take_preview();
    std::uint64_t rows() const { return rows_; }
    std::uint64_t rows_shown() const { return rows_shown_; }
    /// Of the rows shown: values that the answer holds in part.
    std::uint64_t values_cut() const { return values_cut_; }
    bool more_rows() const { return more_; }
    /// There are more rows, and not because of their number.
    bool file_full() const { return file_full_; }
    /// Of every row in the file; none when the answer shows them all.
    const std::vector<ColumnProfile>* profile() const {
        return rows_shown_ < rows_ ? &profile_.columns() : nullptr;
    }

  private:
    Result<void> hand_over();
    Result<void> wait_for_handed();
    void append_row(std::span<const sources::mysql::Cell> cells);
    template <bool showing>
    std::size_t append_ascii(std::span<const sources::mysql::Cell> cells, std::size_t first);
    void append_separators(std::size_t column);
    void append_with_care(const sources::mysql::Column& column, std::string_view bytes);

    evidence::OutputFile& file_;
    Bounds bounds_;
    std::uint64_t value_bytes_max_;  ///< less than its bound while a first row too wide is written
    std::vector<sources::mysql::Column> columns_;
    std::vector<char> small_integers_;  ///< by column: every value fits a JSON number without loss
    std::vector<TextMarks> marks_;      ///< of the row at work, by column
    std::string block_;                 ///< lines of the file that come next
    std::string handed_;                ///< lines that `handing_` writes and profiles
    std::uint64_t file_bytes_ = 0;
    std::string json_ = "[";
    std::string lines_;  ///< of the table, as they go into a JSON string
    std::uint64_t rows_ = 0, rows_shown_ = 0, values_cut_ = 0;
    bool showing_ = true, more_ = false, file_full_ = false;
    ResultProfile profile_;
    /// The last one, as it uses the others: its thread has ended before they do.
    std::future<Result<void>> handing_;
};

}  // namespace casefile::tools::mysql
