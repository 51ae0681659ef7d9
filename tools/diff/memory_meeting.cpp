#include "tools/diff/memory_meeting.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::diff {
namespace {

/// The side that is held: the smaller document, or a document beside a table, or else the left.
bool is_left_held(const Side& left, const Side& right) {
    const auto l = left.size(), r = right.size();
    if (l && r) return *l <= *r;
    return l || !r;
}

}  // namespace

/// Fills the memory.
class MemoryMeeting::Holder : public RecordSink {
  public:
    explicit Holder(MemoryMeeting& meeting) : meeting_(meeting) {}
    Result<std::vector<std::string>> choose(const std::vector<std::string>& names) override {
        return meeting_.choose_held(names);
    }
    Result<bool> take(Record record) override {
        if (auto done = meeting_.hold(std::move(record)); !done) return done.error();
        return true;
    }

  private:
    MemoryMeeting& meeting_;
};

/// Streams past it.
class MemoryMeeting::Passer : public RecordSink {
  public:
    explicit Passer(MemoryMeeting& meeting) : meeting_(meeting) {}
    Result<std::vector<std::string>> choose(const std::vector<std::string>& names) override {
        return meeting_.choose_streamed(names);
    }
    Result<bool> take(Record record) override {
        if (auto done = meeting_.meet(std::move(record)); !done) return done.error();
        return true;
    }

  private:
    MemoryMeeting& meeting_;
};

MemoryMeeting::MemoryMeeting(const Meeting& meeting)
    : meeting_(meeting),
      holds_left_(is_left_held(meeting.left, meeting.right)),
      held_side_(holds_left_ ? meeting.left : meeting.right),
      streamed_side_(holds_left_ ? meeting.right : meeting.left) {}

Result<void> MemoryMeeting::run() {
    Holder holder(*this);
    if (auto done = held_side_.stream(holder, meeting_.control); !done) return done.error();
    Passer passer(*this);
    if (auto done = streamed_side_.stream(passer, meeting_.control); !done) return done.error();
    if (auto done = report_rest(); !done) return done.error();
    return meeting_.findings.finish();
}

Result<std::vector<std::string>> MemoryMeeting::choose_held(const std::vector<std::string>& names) {
    const auto& rules = meeting_.rules;
    if (!rules.fields.empty()) {
        held_names_ = holds_left_ ? rules.fields : rules.right_names(rules.fields);
        return held_names_;
    }
    for (const auto& one : names) {
        const auto left = holds_left_ ? one : rules.left_name(one);
        const auto right = holds_left_ ? rules.right_name(one) : one;
        if (rules.may_compare(left, right)) held_names_.push_back(one);
    }
    return held_names_;
}

/// Now that the fields of both are known, it is clear which are compared.
Result<std::vector<std::string>> MemoryMeeting::choose_streamed(const std::vector<std::string>& names) {
    const auto& rules = meeting_.rules;
    std::vector<ComparedField> fields;
    std::vector<std::string> wanted, held_only;
    for (std::size_t i = 0; i < held_names_.size(); ++i) {
        const auto left = holds_left_ ? held_names_[i] : rules.left_name(held_names_[i]);
        const auto other = holds_left_ ? rules.right_name(left) : left;
        const bool there = std::find(names.begin(), names.end(), other) != names.end();
        if (rules.fields.empty() && !there) {
            held_only.push_back(held_names_[i]);
            continue;
        }
        const auto at = wanted.size();
        fields.push_back({left, holds_left_ ? i : at, holds_left_ ? at : i, rules.rule_for(left)});
        wanted.push_back(other);
    }
    if (fields.empty())
        return invalid("the sides have no field in common beside the key; " + name(true) + ": " +
                           printable(shorten(join(held_names_, ", "), 300)) + "; " + name(false) + ": " +
                           printable(shorten(join(names, ", "), 300)),
                       "map names that differ with compare.rename {left name: right name}");
    if (!held_only.empty())
        meeting_.findings.note("not compared, because the " + name(false) +
                               " has no such field: " + shorten(join(held_only, ", "), 400));
    meeting_.findings.set_fields(std::move(fields));
    return wanted;
}

Result<void> MemoryMeeting::hold(Record record) {
    held_bytes_ += record.bytes() + 64;
    if (held_.size() == meeting_.bounds.held_records_max || held_bytes_ > meeting_.bounds.held_bytes_max)
        return Error{ErrorKind::limit_reached,
                     name(true) + ": more than " + std::to_string(held_.size()) +
                         " records; of two sides that cannot be read by key one has to fit into memory, with "
                         "at most " +
                         std::to_string(meeting_.bounds.held_records_max) + " records or " +
                         std::to_string(meeting_.bounds.held_bytes_max / (1024 * 1024)) + " MiB",
                     "compare in parts: the same range of the key in both sides, one diff after the other; "
                     "or select only "
                     "the key and the fields to compare"};
    if (!place_of_.emplace(joined(record.key), held_.size()).second)
        return duplicate_key(name(true), record.key);
    held_.push_back({std::move(record)});
    return {};
}

Result<void> MemoryMeeting::meet(Record record) {
    if (record.key == last_key_) return duplicate_key(name(false), record.key);
    last_key_ = record.key;
    std::optional<Record> held;
    const auto found = place_of_.find(joined(record.key));
    if (found != place_of_.end()) {
        auto& place = held_[found->second];
        if (place.met) return duplicate_key(name(false), record.key);
        place.met = true;
        held = std::move(place.record);
    }
    std::optional<Record> streamed(std::move(record));
    return holds_left_ ? meeting_.findings.add(std::move(held), std::move(streamed))
                       : meeting_.findings.add(std::move(streamed), std::move(held));
}

/// What the other side never had, in the order in which it came.
Result<void> MemoryMeeting::report_rest() {
    for (auto& held : held_) {
        if (held.met) continue;
        std::optional<Record> record(std::move(held.record));
        auto done = holds_left_ ? meeting_.findings.add(std::move(record), std::nullopt)
                                : meeting_.findings.add(std::nullopt, std::move(record));
        if (!done) return done.error();
    }
    return {};
}

}  // namespace casefile::tools::diff
