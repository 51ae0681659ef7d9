#include "tools/csv.h"

#include <algorithm>
#include <array>

namespace casefile::tools {
namespace {

constexpr std::size_t fields_max = 4'096;
constexpr std::size_t row_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t quoted_bytes = 128;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool needs_quotes(char c) { return c == '"' || c == ',' || c == '\r' || c == '\n'; }

}  // namespace

void append_csv_field(std::string& out, std::string_view value) {
    if (!value.empty() && std::ranges::none_of(value, needs_quotes)) {
        out += value;
        return;
    }
    out += '"';
    for (auto rest = value; !rest.empty();) {
        const auto part = rest.substr(0, quoted_bytes);
        rest.remove_prefix(part.size());
        std::array<char, 2 * quoted_bytes> quoted{};
        std::size_t used = 0;
        for (const char c : part) {
            quoted[used++] = c;
            if (c == '"') quoted[used++] = c;
        }
        out.append(quoted.data(), used);
    }
    out += '"';
}

CsvReader::CsvReader(Source source) : source_(std::move(source)), buffer_(block_bytes, '\0') {}

Error CsvReader::error(const std::string& what) const {
    return invalid("csv line " + std::to_string(line_) + ": " + what);
}

Result<int> CsvReader::peek() {
    if (at_ == end_ && !ended_) {
        auto got = source_(std::span(buffer_));
        if (!got) return got.error();
        at_ = 0;
        end_ = *got;
        ended_ = end_ == 0;
    }
    if (at_ == end_) return -1;
    return static_cast<unsigned char>(buffer_[at_]);
}

Result<int> CsvReader::take() {
    auto byte = peek();
    if (!byte || *byte < 0) return byte;
    ++at_;
    if (*byte == '\n') ++line_;
    if (++row_bytes_ > row_bytes_max)
        return error("expected at most " + std::to_string(row_bytes_max) +
                     " bytes in one row; is a quote left open?");
    return byte;
}

Result<bool> CsvReader::next(Row& row) {
    row.clear();
    row_bytes_ = 0;
    auto first = peek();
    if (!first) return first.error();
    if (!begun_) {
        begun_ = true;
        // A source gives at least the mark's three bytes at once, or has fewer.
        if (std::string_view(buffer_.data(), end_).starts_with(byte_order_mark)) at_ = byte_order_mark.size();
        if (first = peek(); !first) return first.error();
    }
    if (*first < 0) return false;
    row_line_ = line_;
    for (;;) {
        if (row.size() == fields_max)
            return error("expected at most " + std::to_string(fields_max) + " fields in one row");
        if (auto done = read_field(row.emplace_back()); !done) return done.error();
        const auto after = take();
        if (!after) return after.error();
        // read_field() stops at a comma, a line feed or the end.
        if (*after != ',') return true;
    }
}

Result<void> CsvReader::read_field(std::optional<std::string>& field) {
    auto first = peek();
    if (!first) return first.error();
    if (*first == '"') return read_quoted(field.emplace());
    std::string text;
    for (;;) {
        const auto byte = peek();
        if (!byte) return byte.error();
        if (*byte < 0 || *byte == ',' || *byte == '\n') break;
        if (*byte == '"') return error("a quote within a field that does not begin with one");
        if (auto taken = take(); !taken) return taken.error();
        if (*byte == '\r') {
            const auto after = peek();
            if (!after) return after.error();
            if (*after == '\n') break;
        }
        text += static_cast<char>(*byte);
    }
    if (!text.empty()) field = std::move(text);
    return {};
}

Result<void> CsvReader::read_quoted(std::string& field) {
    if (auto quote = take(); !quote) return quote.error();
    for (;;) {
        const auto byte = take();
        if (!byte) return byte.error();
        if (*byte < 0) return error("the file ends within a quoted field");
        if (*byte != '"') {
            field += static_cast<char>(*byte);
            continue;
        }
        const auto after = peek();
        if (!after) return after.error();
        if (*after == '"') {
            field += '"';
            if (auto second = take(); !second) return second.error();
            continue;
        }
        if (*after == '\r') {
            if (auto taken = take(); !taken) return taken.error();
            const auto line_feed = peek();
            if (!line_feed) return line_feed.error();
            if (*line_feed == '\n') return {};
            return error("text after a closing quote: expected a comma or the end of the line");
        }
        if (*after < 0 || *after == ',' || *after == '\n') return {};
        return error("text after a closing quote: expected a comma or the end of the line");
    }
}

}  // namespace casefile::tools
