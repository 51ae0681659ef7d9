#include "tools/diff/csv_side.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/text.h"

namespace casefile::tools::diff {
namespace {

/// How many rows may pass between two looks at the stop token and the clock.
constexpr std::uint64_t rows_between_looks = 256;

/// Bytes that are no text, where casefile wrote them as "base64:…": so a key meets its own evidence.
std::string key_part_of(const std::string& field) {
    constexpr std::string_view mark = "base64:";
    std::string bytes;
    const bool encoded = field.starts_with(mark) && from_base64(field.substr(mark.size()), bytes);
    return encoded && !is_utf8(bytes) ? bytes : field;
}

}  // namespace

CsvReader::Source CsvSide::counted(CsvReader::Source bytes) {
    return [this, bytes = std::move(bytes)](std::span<char> into) -> Result<std::size_t> {
        auto got = bytes(into);
        if (got) bytes_read_ += *got;
        return got;
    };
}

/// As many as the part that was read makes likely.
std::optional<std::int64_t> CsvSide::records_about(const sources::Control&) {
    const auto bytes = bytes_read_.load();
    if (bytes == 0) return std::nullopt;
    return static_cast<std::int64_t>(static_cast<double>(records_read_.load()) *
                                     std::max(1.0, static_cast<double>(size_) / static_cast<double>(bytes)));
}

Result<Record> CsvSide::record_of(CsvReader::Row& row, const std::vector<std::size_t>& keys,
                                  const std::vector<std::size_t>& values) const {
    Record record;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& field = row[keys[i]];
        if (!field) return null_key(name_, key_fields_[i], "line " + std::to_string(reader_.line()));
        record.key.push_back(key_part_of(*field));
    }
    for (const auto at : values)
        record.values.push_back(row[at] ? Value{Value::Kind::untyped, *row[at]} : Value{Value::Kind::null});
    return record;
}

Result<void> CsvSide::stream(RecordSink& sink, const sources::Control& control) {
    const auto told = [&](Error error) {
        error.message = name_ + ": " + error.message;
        return error;
    };
    CsvReader::Row row;
    auto header = reader_.next(row);
    if (!header) return told(header.error());
    if (!*header)
        return invalid(name_ + ": the csv is empty: expected a first line with the names of the columns");
    std::vector<std::string> names;
    for (const auto& field : row) names.push_back(field.value_or(""));
    const auto keys = find_columns(name_, names, key_fields_);
    if (!keys) return keys.error();
    const auto wanted = sink.choose(names);
    if (!wanted) return wanted.error();
    const auto values = find_columns(name_, names, *wanted);
    if (!values) return values.error();

    for (std::uint64_t rows = 0;; ++rows) {
        if (rows % rows_between_looks == 0) {
            if (control.stopped()) return sources::cancelled_error();
            if (control.left().count() == 0)
                return Error{ErrorKind::timed_out, name_ + ": the time for this diff is up"};
        }
        auto more = reader_.next(row);
        if (!more) return told(more.error());
        if (!*more) return {};
        // An empty line is a row only where a row has one field.
        if (row.size() == 1 && names.size() > 1 && !row.front()) continue;
        if (row.size() != names.size())
            return invalid(name_ + ": csv line " + std::to_string(reader_.line()) + ": expected " +
                               std::to_string(names.size()) + " fields as in the first line, got " +
                               std::to_string(row.size()),
                           "quote fields that hold a comma or a line end");
        auto record = record_of(row, *keys, *values);
        if (!record) return record.error();
        ++records_read_;
        auto go_on = sink.take(*std::move(record));
        if (!go_on) return go_on.error();
        if (!*go_on) return {};
    }
}

Result<std::vector<std::optional<Record>>> CsvSide::look_up(const std::vector<Key>&,
                                                            const sources::Control&) {
    return internal(name_ + ": a document does not change and is not read again");
}

CsvReader::Source bytes_of(std::string text) {
    const auto held = std::make_shared<const std::string>(std::move(text));
    return [held, at = std::size_t{0}](std::span<char> into) mutable -> Result<std::size_t> {
        const auto count = held->copy(into.data(), into.size(), at);
        at += count;
        return count;
    };
}

CsvReader::Source bytes_of(Descriptor file) {
    const auto held = std::make_shared<const Descriptor>(std::move(file));
    return [held](std::span<char> into) -> Result<std::size_t> {
        for (;;) {
            const auto count = ::read(held->get(), into.data(), into.size());
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno != EINTR) return evidence::file_error("reading", "the csv");
        }
    };
}

}  // namespace casefile::tools::diff
