#include "tools/mysql/row_writer.h"

#include <cstdint>
#include <cstring>

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

/// Room at the end of a text for all that comes at once: of ten thousand values each is three appends.
class Room {
  public:
    Room(std::string& text, std::size_t bytes_max) : text_(text) {
        const auto used = text.size();
        text_.resize(used + bytes_max);
        end = text_.data() + used;
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;
    ~Room() { text_.resize(static_cast<std::size_t>(end - text_.data())); }

    char* end;  ///< of what is there

  private:
    std::string& text_;
};

/// Where a value goes on: in CSV, in JSON and in a table that goes into JSON. Copied, so that the three stay
/// in registers.
struct Places {
    char *file, *json, *line;
};

/// Most values are short, and copying eight bytes twice takes less than calling memcpy.
inline char* put(char* to, std::string_view bytes) {
    const auto size = bytes.size();
    if (size >= 8 && size <= 16) {
        std::uint64_t first = 0, last = 0;
        std::memcpy(&first, bytes.data(), sizeof first);
        std::memcpy(&last, bytes.data() + size - sizeof last, sizeof last);
        std::memcpy(to, &first, sizeof first);
        std::memcpy(to + size - sizeof last, &last, sizeof last);
    } else {
        std::memcpy(to, bytes.data(), size);
    }
    return to + size;
}

/// What a byte of ASCII takes at most in CSV and in JSON, and in the table; what stands around a value.
constexpr std::size_t marked_bytes = 2, marked_bytes_in_table = 3, around_value_max = 16;

/// The inside of a value of ASCII. What may stand before a character is written at once, and kept where it
/// is wanted: quotes are too many, and come too irregularly, to guess.
template <bool showing>
Places add_marked(std::string_view text, Places to) {
    for (const char c : text) {
        const bool quote = c == '"', escaped = quote || c == '\\', bar = c == '|';
        *to.file = '"';
        to.file += quote ? 1 : 0;
        *to.file++ = c;
        if (!showing) continue;
        *to.json = '\\';
        to.json += escaped ? 1 : 0;
        *to.json++ = c;
        to.line[0] = to.line[1] = '\\';
        to.line += bar ? 2 : escaped ? 1 : 0;
        *to.line++ = c;
    }
    return to;
}

}  // namespace

Result<void> RowWriter::columns(const std::vector<sources::mysql::Column>& columns) {
    columns_ = columns;
    marks_.resize(columns.size());
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
        lines_ += rows_shown_ == 0 ? "  " : "\\n  ";
    }
    for (std::size_t i = 0; i < cells.size();) {
        const auto end = showing_ ? append_ascii<true>(cells, i) : append_ascii<false>(cells, i);
        if (end < cells.size()) {
            append_separators(end);
            append_with_care(columns_[end], cells[end].bytes);
        }
        i = end + 1;
    }
    block_ += "\r\n";
}

/// The values from `first` on that are NULL or ASCII, and no longer than an answer shows; gives the place of
/// the first other one.
template <bool showing>
std::size_t RowWriter::append_ascii(std::span<const sources::mysql::Cell> cells, std::size_t first) {
    std::size_t end = first, bytes = 0, table_bytes = 0;
    for (; end < cells.size(); ++end) {
        const auto& cell = cells[end];
        marks_[end] = cell.null ? TextMarks::none : marks_in(cell.bytes);
        const bool is_ascii = marks_[end] != TextMarks::any_bytes && !columns_[end].binary;
        if (!cell.null && (!is_ascii || cell.bytes.size() > value_bytes_max_)) break;
        const bool marked = marks_[end] == TextMarks::ascii;
        bytes += cell.bytes.size() * (marked ? marked_bytes : 1) + around_value_max;
        table_bytes += cell.bytes.size() * (marked ? marked_bytes_in_table : 1) + around_value_max;
    }
    Room file(block_, bytes), json(json_, showing ? bytes : 0), line(lines_, showing ? table_bytes : 0);
    Places to{file.end, json.end, line.end};
    for (auto i = first; i < end; ++i) {
        const auto text = cells[i].null ? std::string_view("NULL") : cells[i].bytes;
        const bool marked = marks_[i] == TextMarks::ascii;
        const bool quoted_in_file = marked && text.find_first_of("\",") != std::string_view::npos;
        const bool bare_in_json = cells[i].null || (small_integers_[i] && is_plain_integer(text));
        if (i > 0) *to.file++ = ',';
        if (i > 0 && showing) {
            *to.json++ = ',';
            to.line = put(to.line, " | ");
        }
        if (quoted_in_file) *to.file++ = '"';
        if (showing && !bare_in_json) *to.json++ = '"';
        if (marked) {
            to = add_marked<showing>(text, to);
        } else {
            if (!cells[i].null) to.file = put(to.file, text);
            if (showing) {
                to.json = put(to.json, cells[i].null ? "null" : text);
                to.line = put(to.line, text);
            }
        }
        if (quoted_in_file) *to.file++ = '"';
        if (showing && !bare_in_json) *to.json++ = '"';
    }
    file.end = to.file;
    json.end = to.json;
    line.end = to.line;
    return end;
}

void RowWriter::append_separators(std::size_t column) {
    if (column == 0) return;
    block_ += ',';
    if (!showing_) return;
    json_ += ',';
    lines_ += " | ";
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
    std::string cell;
    append_table_cell(cell, bytes);
    append_json_escaped(lines_, cell);
}

Rows RowWriter::take_preview() {
    json_ += ']';
    return {std::move(json_), std::move(lines_)};
}

}  // namespace casefile::tools::mysql
