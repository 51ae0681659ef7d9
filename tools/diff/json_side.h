#pragma once
// A small JSON document: one record, or a list of them.

#include "tools/diff/side.h"

namespace casefile::tools::diff {

class JsonSide : public Side {
  public:
    /// `as_of` is the time that its content stands for.
    JsonSide(std::string name, std::vector<std::string> key_fields, std::string text, std::string as_of)
        : name_(std::move(name)),
          key_fields_(std::move(key_fields)),
          text_(std::move(text)),
          as_of_(std::move(as_of)) {}

    /// The fields are the members of the records; a key may be reached by a path.
    Result<void> stream(RecordSink& sink, const sources::Control& control) override;
    Result<std::vector<std::optional<Record>>> look_up(const std::vector<Key>& keys,
                                                       const sources::Control& control) override;
    bool changes() const override { return false; }
    ReadTime read_time() const override { return {as_of_, as_of_}; }

  private:
    Result<std::vector<ExactJson>> records() const;
    Result<Record> record_of(const ExactJson& object, const std::vector<std::string>& wanted) const;

    std::string name_;
    std::vector<std::string> key_fields_;
    std::string text_;
    std::string as_of_;
};

}  // namespace casefile::tools::diff
