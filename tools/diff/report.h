#pragma once
// Where differences go: every one into diff.<task>.json and diff.<task>.csv, the first of them into the
// answer.

#include <functional>

#include "evidence/run.h"
#include "tools/diff/rules.h"
#include "tools/diff/side.h"

namespace casefile::tools::diff {

struct FieldDifference {
    std::string field;
    Verdict verdict = Verdict::changed;
    Value left, right;
    bool operator==(const FieldDifference&) const = default;
};

/// One record that is not the same on both sides. Without fields when one side has no such record.
struct Difference {
    Key key;
    Verdict verdict = Verdict::changed;  ///< changed, missing_left, missing_right
    std::vector<FieldDifference> fields;
    bool operator==(const Difference&) const = default;
};

/// What a second look found.
enum class State {
    settled,             ///< the same difference as before
    in_flight,           ///< something else: the systems moved while they were read
    not_looked_at_again  ///< too many, switched off, or a side could not be read again
};
const char* name_of(State state);

class Report {
  public:
    struct Bounds {
        std::size_t preview_bytes_max = 0;  ///< of the differences in the answer
        std::size_t value_bytes_max = 0;    ///< of one value in the files
    };
    /// A difference as it may be written; as it is where there is none.
    using Shown = std::function<Difference(Difference)>;
    Report(evidence::OutputFile& json_file, evidence::OutputFile& csv_file,
           std::vector<std::string> key_names, Bounds bounds, Shown shown = {})
        : json_(json_file),
          csv_(csv_file),
          key_names_(std::move(key_names)),
          bounds_(bounds),
          shown_as_(std::move(shown)) {}

    /// `head` comes first in the JSON document, then the differences, then the `tail` of finish(): sides and
    /// rules can be told before anything is read, the counts only afterwards. The document is one object, one
    /// difference a line.
    Result<void> begin(const json::object& head);
    Result<void> add(const Difference& difference, State state);
    Result<void> finish(const json::object& tail);

    std::int64_t written() const { return written_; }
    std::int64_t shown() const { return shown_; }
    /// One object per differing field: {key, field, verdict, left, right, state}, and of two numbers how far
    /// it is from left to right: {delta, factor}.
    json::array take_preview() { return std::move(preview_); }

  private:
    Result<void> write_json(const Difference& difference, State state);
    Result<void> write_csv(const Difference& difference, State state);
    void show(const Difference& difference, State state);

    evidence::OutputFile& json_;
    evidence::OutputFile& csv_;
    std::vector<std::string> key_names_;
    Bounds bounds_;
    Shown shown_as_;
    json::array preview_;
    std::size_t preview_bytes_ = 0;
    bool preview_full_ = false;
    std::int64_t written_ = 0, shown_ = 0;
};

}  // namespace casefile::tools::diff
