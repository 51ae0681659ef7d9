// Which fields a comparison beside Redis has, and what is told of the others.

#include <algorithm>

#include "base/text.h"
#include "tools/diff/look_up_meeting.h"

namespace casefile::tools::diff {

Result<std::vector<std::string>> LookUpMeeting::choose(const std::vector<std::string>& names) {
    const auto& rules = meeting_.rules;
    const bool named = !rules.fields.empty();
    for (const auto& name : named ? rules.fields : names) {
        const auto left = named || streams_left_ ? name : rules.left_name(name);
        const auto right = named || streams_left_ ? rules.right_name(left) : name;
        if (!named && !rules.may_compare(left, right)) continue;
        candidates_.push_back({left, streams_left_ ? left : right, streams_left_ ? right : left, named});
    }
    std::vector<std::string> streamed;
    for (const auto& candidate : candidates_) {
        streamed.push_back(candidate.streamed);
        looked_up_.push_back(candidate.looked_up);
    }
    redis_.want(looked_up_);
    if (named) set_fields();
    return streamed;
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
    std::vector<std::string> left_out;
    for (const auto& candidate : candidates_)
        if (!candidate.compared) left_out.push_back(candidate.streamed);
    if (!left_out.empty())
        meeting_.findings.note(std::string("not compared, because the ") +
                               (streams_left_ ? "right" : "left") +
                               " has no such field: " + shorten(join(left_out, ", "), 400));
    return {};
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
