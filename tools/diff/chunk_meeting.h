#pragma once
// Two large tables, compared by checksums of ranges of their key; rows are read where checksums differ.

#include "tools/diff/engine.h"
#include "tools/diff/field_pairs.h"

namespace casefile::tools::diff {

/// A checksum is a count of rows and a sum of the first 60 bits of the MD5 of every row, each value with its
/// length before it and NULL unlike all of them: two different ranges pass for the same once in 2^60. What is
/// hashed is what a client gets, not what is stored, so that equal checksums mean the same bytes in every
/// field, which is a match under any rule; whatever else is different is found by the rules, among the rows.
/// Ranges are read one after the other, each at a moment of its own.
class ChunkMeeting {
  public:
    /// Both sides of `meeting` are SQL.
    ChunkMeeting(const Meeting& meeting, FieldPairs& pairs);

    /// True where the key is one whole-number column, both servers walk an index in its order without sorting
    /// or keeping rows, and there are enough rows. Small questions only. An error is one of the sides'
    /// fields.
    Result<bool> is_possible();
    Result<void> run();

  private:
    class Names;
    struct Checksum {
        std::string rows, sum;
        bool operator==(const Checksum&) const = default;
    };

    /// A field that is compared, on one side.
    struct Hashed {
        std::string name;
        Sent sent = Sent::as_stored;
    };

    Result<bool> learn_fields();
    bool choose_hashed();
    Result<void> refuse_null_key(MysqlSide& side, const char* name) const;
    std::optional<std::int64_t> rows_in_key_order(MysqlSide& side) const;
    Result<std::optional<std::string>> end_after(const std::optional<std::string>& begin);
    Result<void> compare_range(const std::string& where_left, const std::string& where_right);
    Result<void> compare_rows(const std::string& where_left, const std::string& where_right);
    Result<Checksum> checksum(MysqlSide& side, const std::vector<Hashed>& fields, const std::string& where,
                              bool is_left) const;

    const Meeting& meeting_;
    FieldPairs& pairs_;
    MysqlSide& left_;
    MysqlSide& right_;
    std::vector<Hashed> left_fields_, right_fields_;
    std::int64_t rows_about_ = 0, ranges_ = 0, ranges_read_ = 0;
};

}  // namespace casefile::tools::diff
