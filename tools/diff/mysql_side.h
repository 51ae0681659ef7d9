#pragma once
// The rows of one SQL statement.

#include "sources/mysql/source.h"
#include "tools/diff/side.h"

namespace casefile::tools::diff {

class MysqlSide : public Side {
  public:
    /// `name` is "left" or "right".
    MysqlSide(std::string name, std::vector<std::string> key_fields, std::string sql,
              sources::mysql::MysqlSource& source)
        : name_(std::move(name)), key_fields_(std::move(key_fields)), sql_(std::move(sql)), source_(source) {}

    Result<void> stream(RecordSink& sink, const sources::Control& control) override;
    /// Asks for the keys within the statement as a derived table, which policy judges again. An error when it
    /// cannot be one (SHOW, two columns of one name, a statement with its own `?`).
    Result<std::vector<std::optional<Record>>> look_up(const std::vector<Key>& keys,
                                                       const sources::Control& control) override;
    bool changes() const override { return true; }
    ReadTime read_time() const override { return read_; }

  private:
    Result<std::string> statement_for(const std::vector<Key>& keys) const;

    std::string name_;
    std::vector<std::string> key_fields_;
    std::string sql_;
    sources::mysql::MysqlSource& source_;
    std::vector<std::string> wanted_;
    ReadTime read_;
};

}  // namespace casefile::tools::diff
