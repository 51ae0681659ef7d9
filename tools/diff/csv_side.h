#pragma once
// A CSV document: given in the call, attached to the case, or an output of an earlier run.

#include <atomic>

#include "evidence/files.h"
#include "tools/csv.h"
#include "tools/diff/side.h"

namespace casefile::tools::diff {

class CsvSide : public Side {
  public:
    /// The first line names the columns. `as_of` is the time that its content stands for.
    CsvSide(std::string name, std::vector<std::string> key_fields, CsvReader::Source bytes,
            std::uint64_t size, std::string as_of)
        : name_(std::move(name)),
          key_fields_(std::move(key_fields)),
          reader_(counted(std::move(bytes))),
          size_(size),
          as_of_(std::move(as_of)) {}

    /// Once.
    Result<void> stream(RecordSink& sink, const sources::Control& control) override;
    Result<std::vector<std::optional<Record>>> look_up(const std::vector<Key>& keys,
                                                       const sources::Control& control) override;
    bool changes() const override { return false; }
    ReadTime read_time() const override { return {as_of_, as_of_}; }
    std::optional<std::int64_t> records_about(const sources::Control& control) override;

  private:
    CsvReader::Source counted(CsvReader::Source bytes);
    Result<Record> record_of(CsvReader::Row& row, const std::vector<std::size_t>& keys,
                             const std::vector<std::size_t>& values) const;

    std::string name_;
    std::vector<std::string> key_fields_;
    std::atomic<std::uint64_t> bytes_read_ = 0, records_read_ = 0;
    CsvReader reader_;
    std::uint64_t size_;
    std::string as_of_;
};

/// The bytes of a text, and of an open file.
CsvReader::Source bytes_of(std::string text);
CsvReader::Source bytes_of(Descriptor file);

}  // namespace casefile::tools::diff
