#include "tools/mysql/row_writer.h"

#include <charconv>

#include "base/text.h"
#include "tools/csv.h"

namespace casefile::tools::mysql {
namespace {

/// Types whose every value fits a JSON number without loss.
bool is_small_integer(const std::string& type) {
    return type.starts_with("TINYINT") || type.starts_with("SMALLINT") || type.starts_with("MEDIUMINT") ||
           (type.starts_with("INT") && !type.starts_with("INTERVAL")) || type == "YEAR";
}

/// Bytes that are no text go into files and answers as base64, with a mark that says so.
std::string text_of(const sources::mysql::Column& column, std::string_view bytes) {
    if (column.binary || !is_utf8(bytes)) return "base64:" + to_base64(bytes);
    return std::string(bytes);
}

}  // namespace

json::value shown_cell(const sources::mysql::Column& column, const sources::mysql::Cell& cell,
                       std::size_t bytes_max) {
    if (cell.null) return nullptr;
    if (is_small_integer(column.type)) {
        std::int64_t number = 0;
        const auto [end, failure] =
            std::from_chars(cell.bytes.data(), cell.bytes.data() + cell.bytes.size(), number);
        if (failure == std::errc() && end == cell.bytes.data() + cell.bytes.size() &&
            cell.bytes.front() != '0')
            return number;
        if (cell.bytes == "0") return 0;
    }
    return json::value(shorten(text_of(column, cell.bytes), bytes_max));
}

Result<void> RowWriter::columns(const std::vector<sources::mysql::Column>& columns) {
    columns_ = columns;
    line_.clear();
    for (const auto& column : columns_) {
        if (!line_.empty()) line_ += ',';
        append_csv_field(line_, column.name);
    }
    line_ += "\r\n";
    return file_.write(line_);
}

Result<bool> RowWriter::row(std::span<const sources::mysql::Cell> cells) {
    if (rows_ == bounds_.rows_max) {
        more_ = true;
        return false;
    }
    line_.clear();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) line_ += ',';
        if (cells[i].null)
            append_csv_null(line_);
        else if (columns_[i].binary || !is_utf8(cells[i].bytes))
            append_csv_field(line_, text_of(columns_[i], cells[i].bytes));
        else
            append_csv_field(line_, cells[i].bytes);
    }
    line_ += "\r\n";
    if (auto done = file_.write(line_); !done) return done.error();
    ++rows_;

    if (preview_full_ || preview_.size() >= bounds_.preview_rows_max) return true;
    json::array shown;
    shown.reserve(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
        shown.push_back(shown_cell(columns_[i], cells[i], bounds_.value_bytes_max));
    preview_bytes_ += line_.size() + 2 * cells.size() + 2;
    // The first row is always shown, however wide.
    if (preview_bytes_ > bounds_.preview_bytes_max && !preview_.empty())
        preview_full_ = true;
    else
        preview_.push_back(std::move(shown));
    return true;
}

}  // namespace casefile::tools::mysql
