#include "tools/diff/findings.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace casefile::tools::diff {
namespace {

constexpr std::size_t kept_max = 1'000;
constexpr std::size_t kept_bytes_max = 16 * 1024 * 1024;
/// For all second looks together. The rows may still be streaming meanwhile, so the server must not wait
/// long.
constexpr std::chrono::seconds second_look_time_max{30};

}  // namespace

Findings::Findings(const Rules& rules, Side& left, Side& right, Report& report, sources::Control control)
    : rules_(rules),
      left_(left),
      right_(right),
      report_(report),
      control_(std::move(control)),
      look_time_left_(second_look_time_max) {}

std::optional<Difference> differences_of(const std::vector<ComparedField>& fields,
                                         const std::optional<Record>& left,
                                         const std::optional<Record>& right) {
    if (!left && !right) return std::nullopt;
    if (!left) return Difference{right->key, Verdict::missing_left, {}};
    if (!right) return Difference{left->key, Verdict::missing_right, {}};
    std::optional<Difference> difference;
    for (const auto& field : fields) {
        const auto& l = left->values[field.left_at];
        const auto& r = right->values[field.right_at];
        const auto verdict = compare(l, r, field.rule);
        if (verdict == Verdict::match) continue;
        if (!difference) difference = Difference{left->key, Verdict::changed, {}};
        difference->fields.push_back({field.name, verdict, l, r});
    }
    return difference;
}

void Findings::set_fields(std::vector<ComparedField> fields) {
    fields_ = std::move(fields);
    for (const auto& field : fields_) by_field_[field.name];
    for (const auto& [name, tolerance] : rules_.tolerance)
        if (!by_field_.contains(name)) note("compare.tolerance names '" + name + "', which is not compared");
    for (const auto& [name, reading] : rules_.read_as)
        if (std::find(rules_.key.begin(), rules_.key.end(), name) != rules_.key.end())
            note("compare.read_as names '" + name + "', which is a key: keys are compared byte for byte");
        else if (name != "*" && !by_field_.contains(name))
            note("compare.read_as names '" + name + "', which is not compared");
}

Result<void> Findings::add(std::optional<Record> left, std::optional<Record> right) {
    auto difference = differences_of(fields_, left, right);
    count(difference, left && right);
    if (!difference) return {};
    if (cannot_look_ || rules_.settle.count() == 0) return report(*difference, State::not_looked_at_again);

    kept_bytes_ += (left ? left->bytes() : 0) + (right ? right->bytes() : 0);
    kept_.push_back({*std::move(difference), std::move(left), std::move(right)});
    if (kept_.size() >= kept_max || kept_bytes_ >= kept_bytes_max) return look_again();
    return {};
}

void Findings::add_matches(std::int64_t records) {
    counts_.match += records;
    on_both_ += records;
}

void Findings::count(const std::optional<Difference>& difference, bool both) {
    if (!difference)
        ++counts_.match;
    else if (difference->verdict == Verdict::missing_left)
        ++counts_.missing_left;
    else if (difference->verdict == Verdict::missing_right)
        ++counts_.missing_right;
    else
        ++counts_.changed;
    if (!both) return;
    ++on_both_;
    if (!difference) return;
    for (const auto& field : difference->fields) ++by_field_[field.field][field.verdict];
}

Result<void> Findings::report(const Difference& difference, State state) {
    ++by_state_[state];
    return report_.add(difference, state);
}

Result<void> Findings::finish() {
    if (counts_.match + counts_.changed == 0 && counts_.missing_left > 0 && counts_.missing_right > 0)
        note(
            "no key of one side is on the other: keys are compared byte for byte, whatever compare says, so "
            "'7.00' is not '7'; write both the same way in SQL, for example CAST(id AS SIGNED) AS id, or "
            "LOWER(id) AS id");
    return kept_.empty() ? Result<void>() : look_again();
}

/// Without busy waiting, and over at once when the call is stopped.
Result<void> Findings::pause() const {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    const auto until = std::min(std::chrono::steady_clock::now() + rules_.settle, control_.deadline);
    never.wait_until(lock, control_.stop, until, [] { return false; });
    if (control_.stopped()) return sources::cancelled_error();
    return {};
}

/// The records of `side` as they are now; of a document, as they were.
Result<std::vector<std::optional<Record>>> Findings::read_again(Side& side, bool is_left,
                                                                const sources::Control& control) {
    if (side.changes()) {
        std::vector<Key> keys;
        for (const auto& kept : kept_) keys.push_back(kept.difference.key);
        return side.look_up(keys, control);
    }
    std::vector<std::optional<Record>> out;
    for (const auto& kept : kept_) out.push_back(is_left ? kept.left : kept.right);
    return out;
}

Result<void> Findings::look_again() {
    if (left_.changes() || right_.changes())
        if (auto done = pause(); !done) return done.error();

    const auto began = std::chrono::steady_clock::now();
    const auto control =
        sources::Control{std::min(control_.deadline, began + look_time_left_), control_.stop, control_.admit};
    const auto left = read_again(left_, true, control);
    const auto right = left ? read_again(right_, false, control) : left;
    if (control_.stopped()) return sources::cancelled_error();
    if (left_.found_duplicate() || right_.found_duplicate()) return right.error();
    if (!right) note("differences were not looked at again: " + describe(right.error()));
    look_time_left_ -= std::chrono::steady_clock::now() - began + rules_.settle;
    cannot_look_ = !right || look_time_left_.count() <= 0;

    for (std::size_t i = 0; i < kept_.size(); ++i) {
        auto state = State::not_looked_at_again;
        if (right)
            state = differences_of(fields_, (*left)[i], (*right)[i]) == kept_[i].difference
                        ? State::settled
                        : State::in_flight;
        if (auto done = report(kept_[i].difference, state); !done) return done.error();
    }
    kept_.clear();
    kept_bytes_ = 0;
    return {};
}

json::object Findings::counts_by_field() const {
    json::object out;
    for (const auto& [field, verdicts] : by_field_) {
        json::object counts;
        auto match = on_both_;
        for (const auto& [verdict, count] : verdicts) match -= count;
        if (match > 0) counts[name_of(Verdict::match)] = match;
        for (const auto& [verdict, count] : verdicts) counts[name_of(verdict)] = count;
        out[field] = std::move(counts);
    }
    return out;
}

json::object Findings::counts_by_state() const {
    json::object out;
    for (const auto& [state, count] : by_state_) out[name_of(state)] = count;
    return out;
}

}  // namespace casefile::tools::diff
