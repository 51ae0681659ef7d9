#pragma once
// Two sides that can only be streamed: each is read whole and brought into the order of its keys, then both
// are walked through together.

#include "tools/diff/engine.h"
#include "tools/diff/field_pairs.h"
#include "tools/diff/sorted_records.h"

namespace casefile::tools::diff {

class SortedMeeting {
  public:
    /// Adds to the findings of `meeting`; `pairs` may be decided already.
    SortedMeeting(const Meeting& meeting, FieldPairs& pairs)
        : meeting_(meeting), pairs_(pairs), left_(meeting.room()), right_(meeting.room()) {}

    /// Compares `left` with `right`, which are the sides of the meeting, or the same part of both.
    Result<void> run(Side& left, Side& right);

  private:
    class Filler;

    /// One side's records in order, and the one that comes next.
    struct Line {
        explicit Line(Room room) : records(KeyOrder::by_value, std::move(room)) {}
        Result<void> advance(const char* side);
        SortedRecords records;
        std::optional<Record> head;
    };

    Result<void> merge();

    const Meeting& meeting_;
    FieldPairs& pairs_;
    Line left_, right_;
};

}  // namespace casefile::tools::diff
