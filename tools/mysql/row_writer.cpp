#include "tools/mysql/row_writer.h"

#include <array>

#include "base/text.h"
#include "tools/answer_shape.h"
#include "tools/csv.h"

namespace casefile::tools::mysql {
namespace {

/// Shown of a value even where a row of many is wider than the answer.
constexpr std::uint64_t value_bytes_least = 64;
/// Large enough that a thread for each costs nothing beside what it does.
constexpr std::size_t block_bytes = 256 * 1024;

bool is_small_integer(const std::string& type) {
    return type.starts_with("TINYINT") || type.starts_with("SMALLINT") || type.starts_with("MEDIUMINT") ||
           (type.starts_with("INT") && !type.starts_with("INTERVAL")) || type == "YEAR";
}

/// A number as JSON writes it: ZEROFILL pads others.
bool is_plain_integer(std::string_view digits) {
    const auto unsigned_part = digits.substr(digits.starts_with('-') ? 1 : 0);
    return !unsigned_part.empty() && (unsigned_part.front() != '0' || digits == "0") &&
           unsigned_part.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Text that reads the same in CSV, in JSON and in a table: printable ASCII without their marks.
bool is_plain(std::string_view text) {
    static constexpr auto needs_care = [] {
        std::array<bool, 256> bytes{};
        for (std::size_t byte = 0; byte < bytes.size(); ++byte) bytes[byte] = byte < 0x20 || byte >= 0x7F;
        for (const char mark : {'"', '\\', ',', '|'}) bytes[static_cast<unsigned char>(mark)] = true;
        return bytes;
    }();
    bool care = text.empty();
    for (const char c : text) care |= needs_care[static_cast<unsigned char>(c)];
    return !care;
}

}  // namespace

Result<void> RowWriter::columns(const std::vector<sources::mysql::Column>& columns) {
    columns_ = columns;
    profile_.begin(columns);
    std::string names;
    for (const auto& column : columns_) {
        if (!names.empty()) names += ',';
        append_csv_field(names, column.name);
        small_integers_.push_back(is_small_integer(column.type));
    }
    names += "\r\n";
    file_bytes_ = names.size();
    return file_.write(names);
}

Result<bool> RowWriter::row(std::span<const sources::mysql::Cell> cells) {
    if (rows_ == bounds_.rows_max) {
        more_ = true;
        return false;
    }
    const auto json_before = json_.size(), lines_before = lines_.size(), block_before = block_.size();
    const auto cut_before = values_cut_;
    showing_ = showing_ && rows_shown_ < bounds_.preview_rows_max;
    append_row(cells);
    if (showing_ && rows_shown_ == 0 && json_.size() > bounds_.preview_bytes_max) {
        // The first row is always shown, so its values share what room there is.
        json_.resize(json_before);
        lines_.resize(lines_before);
        block_.resize(block_before);
        values_cut_ = 0;
        value_bytes_max_ =
            std::max(value_bytes_least, bounds_.preview_bytes_max / std::max<std::size_t>(1, cells.size()));
        append_row(cells);
        value_bytes_max_ = bounds_.value_bytes_max;
    }
    const auto line_bytes = block_.size() - block_before;
    if (file_bytes_ + line_bytes > bounds_.file_bytes_max) {
        more_ = file_full_ = true;
        json_.resize(json_before);
        lines_.resize(lines_before);
        block_.resize(block_before);
        return false;
    }
    file_bytes_ += line_bytes;
    ++rows_;
    if (showing_) {
        json_ += ']';
        if (json_.size() > bounds_.preview_bytes_max && rows_shown_ > 0) {
            json_.resize(json_before);
            lines_.resize(lines_before);
            values_cut_ = cut_before;
            showing_ = false;
        } else {
            ++rows_shown_;
        }
    }
    if (block_.size() >= block_bytes)
        if (auto done = hand_over(); !done) return done.error();
    return true;
}

/// One block at a time, so that lines are written in their order.
Result<void> RowWriter::hand_over() {
    if (auto done = wait_for_handed(); !done) return done;
    handed_.swap(block_);
    block_.clear();
    handing_ = std::async(std::launch::async, [this] {
        auto done = file_.write(handed_);
        if (done) profile_.look_at(handed_);
        return done;
    });
    return {};
}

Result<void> RowWriter::wait_for_handed() { return handing_.valid() ? handing_.get() : Result<void>(); }

Result<void> RowWriter::finish() {
    if (auto done = wait_for_handed(); !done) return done;
    if (auto done = file_.write(block_); !done) return done;
    // A small result that is shown whole needs no profile.
    if (profile() != nullptr) profile_.look_at(block_);
    block_.clear();
    return {};
}

/// As a line of the file, and while rows are shown, as JSON and as a line of the table.
void RowWriter::append_row(std::span<const sources::mysql::Cell> cells) {
    if (showing_) {
        json_ += rows_shown_ == 0 ? "[" : ",[";
        lines_ += rows_shown_ == 0 ? "  " : "\n  ";
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) block_ += ',';
        if (i > 0 && showing_) {
            json_ += ',';
            lines_ += " | ";
        }
        append(columns_[i], small_integers_[i], cells[i]);
    }
    block_ += "\r\n";
}

void RowWriter::append(const sources::mysql::Column& column, bool small_integer,
                       const sources::mysql::Cell& cell) {
    if (cell.null) {
        append_csv_null(block_);
        if (!showing_) return;
        json_ += "null";
        lines_ += "NULL";
        return;
    }
    if (column.binary || !is_plain(cell.bytes) || cell.bytes.size() > value_bytes_max_)
        return append_with_care(column, cell.bytes);
    block_ += cell.bytes;
    if (!showing_) return;
    lines_ += cell.bytes;
    if (small_integer && is_plain_integer(cell.bytes)) {
        json_ += cell.bytes;
    } else {
        json_ += '"';
        json_ += cell.bytes;
        json_ += '"';
    }
}

/// Bytes that are no text go into files and answers as base64, with a mark that says so.
void RowWriter::append_with_care(const sources::mysql::Column& column, std::string_view bytes) {
    std::string encoded;
    if (column.binary || !is_utf8(bytes)) {
        encoded = "base64:" + to_base64(bytes);
        bytes = encoded;
    }
    append_csv_field(block_, bytes);
    if (!showing_) return;
    if (bytes.size() > value_bytes_max_) {
        ++values_cut_;
        encoded = shorten(bytes, value_bytes_max_);
        bytes = encoded;
    }
    append_json_string(json_, bytes);
    append_table_cell(lines_, bytes);
}

Rows RowWriter::take_preview() {
    json_ += ']';
    return {std::move(json_), std::move(lines_)};
}

}  // namespace casefile::tools::mysql
