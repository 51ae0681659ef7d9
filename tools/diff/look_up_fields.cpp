// Which fields a comparison beside Redis has, and what is told of the others.

#include <algorithm>

#include "base/text.h"
#include "tools/diff/field_names.h"
#include "tools/diff/look_up_meeting.h"

namespace casefile::tools::diff {
namespace {

/// Each is asked for alone.
constexpr std::size_t keys_seen_max = 10;

}  // namespace

/// `name` is one of the rules' fields, or as the streamed side calls it.
void LookUpMeeting::add_candidate(const std::string& name) {
    const auto& rules = meeting_.rules;
    const bool named = !rules.fields.empty();
    const auto left = named || streams_left_ ? name : rules.left_name(name);
    const auto right = named || streams_left_ ? rules.right_name(left) : name;
    if (!named && !rules.may_compare(left, right)) return;
    candidates_.push_back({left, streams_left_ ? left : right, streams_left_ ? right : left, named});
}

Result<std::vector<std::string>> LookUpMeeting::choose(const std::vector<std::string>& names) {
    const auto& rules = meeting_.rules;
    const bool named = !rules.fields.empty();
    if (auto done = check_names(names); !done) return done.error();
    streamed_names_ = names;
    for (const auto& name : named ? rules.fields : names) add_candidate(name);
    if (!named)
        for (const auto& path : renamed_paths(rules, streams_left_, names)) add_candidate(path);
    std::vector<std::string> streamed;
    for (const auto& candidate : candidates_) {
        streamed.push_back(candidate.streamed);
        looked_up_.push_back(candidate.looked_up);
    }
    redis_.want(looked_up_);
    if (named) set_fields();
    return streamed;
}

/// Of Redis only the fields of some records are known, which is no reason to refuse a name.
Result<void> LookUpMeeting::check_names(const std::vector<std::string>& names) {
    const bool both_redis = meeting_.left_redis != nullptr && meeting_.right_redis != nullptr;
    if (!both_redis) return check_renamed(meeting_.rules, streams_left_, names);
    for (const auto& name : unknown_renamed(meeting_.rules, streams_left_, names))
        meeting_.findings.note("compare.rename names the field '" + shorten(name, 64) +
                               "', which no record of the left was seen to have");
    return {};
}

Result<void> LookUpMeeting::decide_fields(const std::vector<Record>& batch,
                                          const std::vector<std::optional<Record>>& found) {
    bool any = false;
    for (const auto& record : found) {
        if (!record) continue;
        any = true;
        for (std::size_t i = 0; i < candidates_.size(); ++i)
            candidates_[i].compared = candidates_[i].compared || !record->values[i].is_absent();
    }
    if (!any) return {};  // with nothing to compare yet, the next batch decides
    if (std::none_of(candidates_.begin(), candidates_.end(), [](const auto& one) { return one.compared; }))
        return no_common_field(batch);
    set_fields();
    see_fields(found);
    note_left_out();
    return {};
}

/// Unless short texts told the fields in Redis, a few of the records are asked for them. An account that may
/// not ask so much only goes without a note.
void LookUpMeeting::see_fields(const std::vector<std::optional<Record>>& found) {
    if (!seen_names_.empty()) return;
    std::vector<Key> keys;
    for (const auto& record : found)
        if (record && keys.size() < keys_seen_max) keys.push_back(record->key);
    if (auto names = redis_.fields_of(keys, meeting_.control)) seen_names_ = *std::move(names);
}

/// Fields of one side that have no partner on the other.
void LookUpMeeting::note_left_out() {
    const auto& rules = meeting_.rules;
    std::vector<std::string> streamed_only, redis_only;
    for (const auto& one : candidates_)
        if (!one.compared)
            streamed_only.push_back(one.streamed +
                                    (one.streamed == one.looked_up ? "" : " (" + one.looked_up + ")"));
    for (const auto& name : seen_names_) {
        const auto left = streams_left_ ? rules.left_name(name) : name;
        const auto right = streams_left_ ? name : rules.right_name(name);
        const bool asked_for = std::any_of(looked_up_.begin(), looked_up_.end(), [&](const auto& one) {
            return one == name || one.starts_with(name + ".");
        });
        if (!asked_for && rules.may_compare(left, right)) redis_only.push_back(name);
    }
    if (!streamed_only.empty()) meeting_.findings.note(told_of_missing(!streams_left_, streamed_only));
    if (!redis_only.empty()) meeting_.findings.note(told_of_missing(streams_left_, redis_only));
}

void LookUpMeeting::note_unseen_names() {
    if (!meeting_.rules.fields.empty()) return;
    for (const auto& name : meeting_.rules.ignore)
        if (!is_compared(meeting_.rules, streamed_names_, name) &&
            !is_compared(meeting_.rules, seen_names_, name))
            meeting_.findings.note("compare.ignore names the field '" + shorten(name, 64) +
                                   "', which no record was seen to have");
}

void LookUpMeeting::set_fields() {
    decided_ = true;
    std::vector<ComparedField> fields;
    for (std::size_t i = 0; i < candidates_.size(); ++i)
        if (candidates_[i].compared)
            fields.push_back({candidates_[i].name, i, i, meeting_.rules.rule_for(candidates_[i].name)});
    meeting_.findings.set_fields(std::move(fields));
    field_of_.assign(candidates_.size(), nullptr);
    for (const auto& field : meeting_.findings.fields()) {
        field_of_[field.left_at] = &field;
        fields_mask_ |= std::uint64_t{1} << field.left_at % candidates_glanced_max;
    }
}

void LookUpMeeting::note_late_fields(const std::vector<std::optional<Record>>& found) {
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
        auto& candidate = candidates_[i];
        if (candidate.compared) continue;
        const auto late = std::find_if(found.begin(), found.end(), [&](const auto& record) {
            return record && !record->values[i].is_absent();
        });
        if (late == found.end()) continue;
        candidate.compared = true;  // told once
        meeting_.findings.note(
            "field '" + candidate.name + "' was left out, because the first records lack it, but '" +
            shorten(shown_key((*late)->key), 100) + "' has it: name it in fields to compare it");
    }
}

Error LookUpMeeting::no_common_field(const std::vector<Record>& batch) {
    std::vector<Key> keys;
    for (const auto& record : batch) keys.push_back(record.key);
    const auto other = redis_.fields_of(keys, meeting_.control);
    if (!other) return other.error();
    std::vector<std::string> streamed;
    for (const auto& candidate : candidates_) streamed.push_back(candidate.streamed);
    const auto left = printable(shorten(join(streams_left_ ? streamed : *other, ", "), 300));
    const auto right = printable(shorten(join(streams_left_ ? *other : streamed, ", "), 300));
    return invalid(
        "the sides have no field in common beside the key; left: " + (left.empty() ? "none" : left) +
            "; right: " + (right.empty() ? "none" : right),
        "map names that differ with compare.rename {left name: right name}; a plain Redis value is the field "
        "'value'");
}

}  // namespace casefile::tools::diff
