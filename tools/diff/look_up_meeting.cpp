#include "tools/diff/look_up_meeting.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::diff {

LookUpMeeting::LookUpMeeting(const Meeting& meeting)
    : meeting_(meeting),
      streams_left_(meeting.right_redis != nullptr),
      streamed_(streams_left_ ? meeting.left : meeting.right),
      redis_(streams_left_ ? *meeting.right_redis : *meeting.left_redis),
      line_([this](std::vector<Record> batch) { return look_up(std::move(batch)); }),
      seen_(KeyOrder::by_hash, meeting.room()) {}

Result<void> LookUpMeeting::run() {
    if (auto done = streamed_.stream(*this, meeting_.control); !done) return done.error();
    if (!batch_.empty())
        if (auto done = line_.give(std::move(batch_)); !done) return done.error();
    if (auto done = line_.finish(); !done) return done.error();
    return meeting_.rules.left_over ? find_left_over() : Result<void>();
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
    if (meeting_.rules.left_over) {
        for (const auto& part : record.key) with_colon_ = with_colon_ || part.find(':') != std::string::npos;
        if (auto done = seen_.add({{redis_.keys().redis_key(record.key)}, {}}); !done) return done.error();
    }
    batch_.push_back(std::move(record));
    if (batch_.size() < meeting_.bounds.batch_records) return true;
    auto batch = std::exchange(batch_, {});
    batch_.reserve(batch.size());
    if (auto done = line_.give(std::move(batch)); !done) return done.error();
    return true;
}

Result<void> LookUpMeeting::look_up(std::vector<Record> batch) {
    std::vector<Key> keys;
    keys.reserve(batch.size());
    for (const auto& record : batch) keys.push_back(record.key);
    auto found = redis_.look_up(keys, meeting_.control);
    if (!found) return found.error();
    if (!decided_) {
        if (auto done = decide_fields(keys, *found); !done) return done.error();
    } else {
        note_late_fields(*found);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        std::optional<Record> streamed(std::move(batch[i])), looked_up(std::move((*found)[i]));
        auto done = streams_left_ ? meeting_.findings.add(std::move(streamed), std::move(looked_up))
                                  : meeting_.findings.add(std::move(looked_up), std::move(streamed));
        if (!done) return done.error();
    }
    meeting_.progress.step(std::ssize(batch));
    return {};
}

Result<void> LookUpMeeting::decide_fields(const std::vector<Key>& keys,
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
        return no_common_field(keys);
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

Error LookUpMeeting::no_common_field(const std::vector<Key>& keys) {
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

Result<void> LookUpMeeting::find_left_over() {
    SortedRecords scanned(KeyOrder::by_hash, meeting_.room());
    if (auto done = scan_for_left_over(scanned); !done) return done.error();
    if (auto done = scanned.finish(); !done) return done.error();
    if (auto done = seen_.finish(); !done) return done.error();
    return report_left_over(scanned);
}

Result<void> LookUpMeeting::scan_for_left_over(SortedRecords& scanned) {
    return redis_.scan(
        [&](std::vector<std::string> redis_keys) -> Result<bool> {
            for (auto& redis_key : redis_keys)
                if (auto done = scanned.add({{std::move(redis_key)}, {}}); !done) return done.error();
            return true;
        },
        meeting_.control);
}

/// Keys of the template that no record has. A key with more parts than the records' keys is something else
/// (`order:7:items` beside `order:{id}`), unless the records' own keys hold colons.
Result<void> LookUpMeeting::report_left_over(SortedRecords& scanned) {
    SortedRecords left_over(KeyOrder::by_value, meeting_.room());
    std::int64_t set_aside = 0;
    auto seen = seen_.next();
    Key before;
    for (;;) {
        auto one = scanned.next();
        if (!one) return one.error();
        if (!*one) break;
        auto& key = (*one)->key;
        if (key == before) continue;  // SCAN may give a key twice
        while (seen && *seen && compare_keys(KeyOrder::by_hash, (*seen)->key, key) < 0) seen = seen_.next();
        if (!seen) return seen.error();
        before = key;
        if (*seen && (*seen)->key == key) continue;
        auto parts = redis_.keys().key_of(key.front(), !with_colon_);
        if (!parts)
            ++set_aside;
        else if (auto done = left_over.add({*std::move(parts), {}}); !done)
            return done.error();
    }
    if (auto done = left_over.finish(); !done) return done.error();
    for (;;) {
        auto one = left_over.next();
        if (!one) return one.error();
        if (!*one) break;
        auto added = streams_left_ ? meeting_.findings.add(std::nullopt, *std::move(one))
                                   : meeting_.findings.add(*std::move(one), std::nullopt);
        if (!added) return added.error();
    }
    if (set_aside > 0)
        meeting_.findings.note(std::to_string(set_aside) + " keys match " + redis_.keys().pattern() +
                               " but have further parts after a colon; they are taken for something else");
    return {};
}

}  // namespace casefile::tools::diff
