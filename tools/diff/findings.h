#pragma once
// What a comparison found: it compares pairs of records, counts, looks at differences again, and reports
// them.

#include <map>

#include "base/text.h"
#include "tools/diff/report.h"

namespace casefile::tools::diff {

/// Of records.
struct Counts {
    std::int64_t match = 0, changed = 0, missing_left = 0, missing_right = 0;
    std::int64_t all() const { return match + changed + missing_left + missing_right; }
};

/// The differences of two records; nothing when they agree. One of them may be missing.
std::optional<Difference> differences_of(const std::vector<ComparedField>& fields,
                                         const std::optional<Record>& left,
                                         const std::optional<Record>& right);

/// Live systems move while they are read: a row and its cache entry are never seen at the same moment. So the
/// first differences are kept, and after a pause both sides are asked for these records again: the same
/// difference is `settled`, anything else `in_flight`. They are looked at together: at the end, or whenever
/// there are as many as are kept. Once looking again has taken its time, all later ones are `not looked at
/// again`, as are all where a side cannot be read again.
class Findings {
  public:
    Findings(const Rules& rules, Side& left, Side& right, Report& report, sources::Control control);

    /// Before the first pair of which both records are there.
    void set_fields(std::vector<ComparedField> fields);
    const std::vector<ComparedField>& fields() const { return fields_; }

    /// At least one of them is there, and both have the same key.
    Result<void> add(std::optional<Record> left, std::optional<Record> right);
    /// So many records of both sides that agree in every field.
    void add_matches(std::int64_t records);
    /// Looks again at what is still kept.
    Result<void> finish();

    /// Names of fields and keys in it may be any bytes.
    void note(std::string_view text) { notes_.push_back(printable(text)); }

    const Counts& counts() const { return counts_; }
    json::object counts_by_field() const;
    json::object counts_by_state() const;
    const std::vector<std::string>& notes() const { return notes_; }

  private:
    struct Kept {
        Difference difference;
        std::optional<Record> left, right;
    };

    void count(const std::optional<Difference>& difference, bool both);
    Result<void> report(const Difference& difference, State state);
    Result<void> look_again();
    Result<std::vector<std::optional<Record>>> read_again(Side& side, bool is_left,
                                                          const sources::Control& control);
    Result<void> pause() const;

    const Rules& rules_;
    Side& left_;
    Side& right_;
    Report& report_;
    sources::Control control_;
    std::vector<ComparedField> fields_;
    Counts counts_;
    std::int64_t on_both_ = 0;                                         ///< records that both sides have
    std::map<std::string, std::map<Verdict, std::int64_t>> by_field_;  ///< without the matches
    std::map<State, std::int64_t> by_state_;
    std::vector<std::string> notes_;
    std::vector<Kept> kept_;
    std::size_t kept_bytes_ = 0;
    std::chrono::steady_clock::duration look_time_left_;
    bool cannot_look_ = false;
};

}  // namespace casefile::tools::diff
