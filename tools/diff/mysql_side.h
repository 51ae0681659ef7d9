#pragma once
// The rows of one SQL statement.

#include "sources/mysql/source.h"
#include "tools/diff/side.h"

namespace casefile::tools::diff {

/// A small answer: the cells of each row under their columns' names.
using SmallTable = std::vector<std::map<std::string, std::optional<std::string>>>;

/// What the server sends of a column, as far as it is another thing than what is stored.
enum class Sent {
    as_stored,  ///< numbers, times and bytes
    text,       ///< of any character set: utf8mb4
    bits,       ///< a number
    moment,     ///< a TIMESTAMP: a time in UTC
};

class MysqlSide : public Side {
  public:
    /// `name` is "left" or "right"; `judge` hears the plan from weigh().
    MysqlSide(std::string name, std::vector<std::string> key_fields, std::string sql,
              sources::mysql::MysqlSource& source, sources::mysql::PlanJudge judge)
        : name_(std::move(name)),
          key_fields_(std::move(key_fields)),
          sql_(std::move(sql)),
          source_(source),
          judge_(std::move(judge)) {}

    /// Asks for the plan of the whole side and has it judged, before anything is read.
    Result<void> weigh(const sources::Control& control);
    Result<void> stream(RecordSink& sink, const sources::Control& control) override;
    /// Asks for the keys within the statement as a derived table, which policy judges again. An error when it
    /// cannot be one (SHOW, two columns of one name, a statement with its own `?`).
    Result<std::vector<std::optional<Record>>> look_up(const std::vector<Key>& keys,
                                                       const sources::Control& control) override;
    bool found_duplicate() const override { return found_duplicate_; }
    bool changes() const override { return true; }
    ReadTime read_time() const override { return read_; }
    /// The rows that the server says it will read; unknown where it reads several tables.
    std::optional<std::int64_t> records_about(const sources::Control& control) override;

    /// `select` FROM the statement as a derived table, and then `rest`; judged by policy.
    Result<std::string> statement(const std::string& select, const std::string& rest) const;
    /// Asks for a few rows by such a statement, and notes the time at which they were read.
    Result<SmallTable> ask(const std::string& sql, const sources::Control& control);
    /// The same side, of which only the rows that fit `rest` are read.
    Result<MysqlSide> part(const std::string& rest) const;

    /// What stream() saw and chose, for parts: asking them for single records goes to the whole.
    void take_over(const MysqlSide& part);
    /// Columns that were chosen, as they are called here.
    const std::vector<std::string>& wanted() const { return wanted_; }
    /// How they are sent; known after stream().
    const std::vector<Sent>& sent() const { return sent_; }
    /// True when the key is one column of a whole-number type; known after stream().
    bool has_number_key() const { return number_key_; }
    const std::vector<std::string>& key_fields() const { return key_fields_; }

  private:
    std::string around(const std::string& select, const std::string& rest) const;
    Result<std::string> statement_for(const std::vector<Key>& keys) const;
    void note_time(const std::string& snapshot_at);

    std::string name_;
    std::vector<std::string> key_fields_;
    std::string sql_;
    sources::mysql::MysqlSource& source_;
    sources::mysql::PlanJudge judge_;
    std::vector<std::string> wanted_;
    std::vector<Sent> sent_;
    bool number_key_ = false, found_duplicate_ = false;
    ReadTime read_;
};

/// "`name`", also for names with backticks.
std::string quoted_name(const std::string& name);

}  // namespace casefile::tools::diff
