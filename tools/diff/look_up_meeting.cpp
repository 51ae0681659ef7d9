#include "tools/diff/look_up_meeting.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::diff {

LookUpMeeting::LookUpMeeting(const Meeting& meeting)
    : meeting_(meeting),
      streams_left_(meeting.right_redis != nullptr),
      streamed_(streams_left_ ? meeting.left : meeting.right),
      redis_(streams_left_ ? *meeting.right_redis : *meeting.left_redis),
      seen_(meeting.bounds.seen_keys_bytes_max) {}

Result<void> LookUpMeeting::run() {
    if (auto done = streamed_.stream(*this, meeting_.control); !done) return done.error();
    if (auto done = look_up_batch(); !done) return done.error();
    if (meeting_.rules.left_over)
        if (auto done = find_left_over(); !done) return done.error();
    return meeting_.findings.finish();
}

Result<std::vector<std::string>> LookUpMeeting::choose(const std::vector<std::string>& names) {
    const auto& rules = meeting_.rules;
    const bool named = !rules.fields.empty();
    for (const auto& name : named ? rules.fields : names) {
        const auto left = named || streams_left_ ? name : rules.left_name(name);
        const auto right = named || streams_left_ ? rules.right_name(left) : name;
        if (!named && !rules.may_compare(left, right)) continue;
        candidates_.push_back({left, streams_left_ ? left : right, streams_left_ ? right : left, named});
    }
    std::vector<std::string> streamed, looked_up;
    for (const auto& candidate : candidates_) {
        streamed.push_back(candidate.streamed);
        looked_up.push_back(candidate.looked_up);
    }
    redis_.want(std::move(looked_up));
    if (named) set_fields();
    return streamed;
}

Result<bool> LookUpMeeting::take(Record record) {
    if (record.key == last_key_) return duplicate_key(streams_left_ ? "left" : "right", record.key);
    last_key_ = record.key;
    if (meeting_.rules.left_over)
        if (auto done = remember(record.key); !done) return done.error();
    batch_.push_back(std::move(record));
    if (batch_.size() < meeting_.bounds.batch_records) return true;
    if (auto done = look_up_batch(); !done) return done.error();
    return true;
}

Result<void> LookUpMeeting::remember(const Key& key) {
    for (const auto& part : key) with_colon_ = with_colon_ || part.find(':') != std::string::npos;
    return remember_redis_key(redis_.keys().redis_key(key));
}

Result<void> LookUpMeeting::remember_redis_key(const std::string& redis_key) {
    if (seen_.add(redis_key) != KeySet::Added::no_room) return {};
    return Error{ErrorKind::limit_reached,
                 "compare.left_over: the keys of " + std::to_string(seen_.size()) +
                     " records fill the memory for them, and there are more",
                 "compare a part of the records, with a key_template that names the same part, or leave "
                 "left_over out"};
}

Result<void> LookUpMeeting::look_up_batch() {
    if (batch_.empty()) return {};
    std::vector<Key> keys;
    for (const auto& record : batch_) keys.push_back(record.key);
    auto found = redis_.look_up(keys, meeting_.control);
    if (!found) return found.error();
    if (!decided_) {
        if (auto done = decide_fields(*found); !done) return done.error();
    } else {
        note_late_fields(*found);
    }
    for (std::size_t i = 0; i < batch_.size(); ++i) {
        std::optional<Record> streamed(std::move(batch_[i])), looked_up(std::move((*found)[i]));
        auto done = streams_left_ ? meeting_.findings.add(std::move(streamed), std::move(looked_up))
                                  : meeting_.findings.add(std::move(looked_up), std::move(streamed));
        if (!done) return done.error();
    }
    batch_.clear();
    return {};
}

Result<void> LookUpMeeting::decide_fields(const std::vector<std::optional<Record>>& found) {
    bool any = false;
    for (const auto& record : found) {
        if (!record) continue;
        any = true;
        for (std::size_t i = 0; i < candidates_.size(); ++i)
            candidates_[i].compared = candidates_[i].compared || !record->values[i].is_absent();
    }
    if (!any) return {};  // with nothing to compare yet, the next batch decides
    if (std::none_of(candidates_.begin(), candidates_.end(), [](const auto& one) { return one.compared; }))
        return no_common_field();
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

Error LookUpMeeting::no_common_field() {
    std::vector<Key> keys;
    for (const auto& record : batch_) keys.push_back(record.key);
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

/// Keys of the template that no record has. A key with more parts than the records' keys is something else
/// (`order:7:items` beside `order:{id}`), unless the records' own keys hold colons.
Result<void> LookUpMeeting::find_left_over() {
    std::int64_t set_aside = 0;
    auto done = redis_.scan(
        [&](const std::vector<std::string>& redis_keys) -> Result<bool> {
            for (const auto& redis_key : redis_keys) {
                if (seen_.contains(redis_key)) continue;
                auto key = redis_.keys().key_of(redis_key, !with_colon_);
                // SCAN may give a key twice.
                if (auto kept = remember_redis_key(redis_key); !kept) return kept.error();
                if (!key) {
                    ++set_aside;
                    continue;
                }
                Record record{*std::move(key), {}};
                auto added = streams_left_ ? meeting_.findings.add(std::nullopt, std::move(record))
                                           : meeting_.findings.add(std::move(record), std::nullopt);
                if (!added) return added.error();
            }
            return true;
        },
        meeting_.control);
    if (!done) return done.error();
    if (set_aside > 0)
        meeting_.findings.note(std::to_string(set_aside) + " keys match " + redis_.keys().pattern() +
                               " but have further parts after a colon; they are taken for something else");
    return {};
}

}  // namespace casefile::tools::diff
