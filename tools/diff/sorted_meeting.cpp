#include "tools/diff/sorted_meeting.h"

namespace casefile::tools::diff {
namespace {

/// How many records may pass between two looks at the stop token and the clock, once both sides are read.
constexpr std::uint64_t records_between_looks = 4'096;

}  // namespace

/// Takes the records of one side.
class SortedMeeting::Filler : public RecordSink {
  public:
    Filler(SortedMeeting& meeting, bool is_left)
        : pairs_(meeting.pairs_),
          records_(is_left ? meeting.left_.records : meeting.right_.records),
          progress_(meeting.meeting_.progress),
          is_left_(is_left) {}

    Result<std::vector<std::string>> choose(const std::vector<std::string>& names) override {
        if (is_left_) return pairs_.choose_left(names);
        return pairs_.choose_right(names);
    }
    Result<bool> take(Record record) override {
        if (auto done = records_.add(record); !done) return done.error();
        progress_.step(1);
        return true;
    }

  private:
    FieldPairs& pairs_;
    SortedRecords& records_;
    Progress& progress_;
    const bool is_left_;
};

Result<void> SortedMeeting::Line::advance(const char* side) {
    auto next = records.next();
    if (!next) return next.error();
    if (*next && head && (*next)->key == head->key) return duplicate_key(side, head->key);
    head = *std::move(next);
    return {};
}

Result<void> SortedMeeting::run(Side& left, Side& right) {
    Filler from_left(*this, true), from_right(*this, false);
    if (auto done = left.stream(from_left, meeting_.control); !done) return done.error();
    if (auto done = left_.records.finish(); !done) return done.error();
    if (auto done = right.stream(from_right, meeting_.control); !done) return done.error();
    if (auto done = right_.records.finish(); !done) return done.error();
    return merge();
}

Result<void> SortedMeeting::merge() {
    if (auto done = left_.advance("left"); !done) return done.error();
    if (auto done = right_.advance("right"); !done) return done.error();
    for (std::uint64_t records = 0; left_.head || right_.head; ++records) {
        if (records % records_between_looks == 0)
            if (auto done = check_time(meeting_.control); !done) return done.error();
        const int order = !left_.head ? 1
                          : !right_.head
                              ? -1
                              : compare_keys(KeyOrder::by_value, left_.head->key, right_.head->key);
        // Kept back, because the key of a head tells a duplicate.
        auto left = order <= 0 ? left_.head : std::optional<Record>();
        auto right = order >= 0 ? right_.head : std::optional<Record>();
        if (order <= 0)
            if (auto done = left_.advance("left"); !done) return done.error();
        if (order >= 0)
            if (auto done = right_.advance("right"); !done) return done.error();
        if (auto done = meeting_.findings.add(std::move(left), std::move(right)); !done) return done.error();
    }
    return {};
}

}  // namespace casefile::tools::diff
