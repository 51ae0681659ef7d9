#include "tools/diff/look_up_meeting.h"

#include "tools/diff/json_members.h"
#include "tools/diff/record_bytes.h"

namespace casefile::tools::diff {
namespace {

/// Batches that wait to be looked up, and to be compared: the latter hold their texts as well.
constexpr std::size_t batches_waiting_max = 4, texts_waiting_max = 1;
constexpr std::size_t pages_waiting_max = 4;
/// A batch of large records ends early.
constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;
/// Batches that wait for records again, and what each may hold: memory stays bounded by what is in flight.
constexpr std::size_t spare_batches_max = 4, spare_bytes_max = 1024 * 1024;

}  // namespace

LookUpMeeting::LookUpMeeting(const Meeting& meeting)
    : meeting_(meeting),
      streams_left_(meeting.right_redis != nullptr),
      streamed_(streams_left_ ? meeting.left : meeting.right),
      redis_(streams_left_ ? *meeting.right_redis : *meeting.left_redis),
      // A document cannot be read again, and so shows its duplicates nowhere else.
      keeps_keys_(meeting.rules.left_over || !streamed_.changes()),
      seen_(KeyOrder::by_hash, meeting.room()),
      compared_(texts_waiting_max, [this](Batch batch) { return compare_texts(std::move(batch)); }),
      looked_for_(batches_waiting_max, [this](Batch batch) { return look_up(std::move(batch)); }) {}

Result<void> LookUpMeeting::run() {
    if (auto done = streamed_.stream(*this, meeting_.control); !done) return done.error();
    if (!batch_.empty())
        if (auto done = looked_for_.give({.records = std::move(batch_)}); !done) return done.error();
    if (auto done = looked_for_.finish(); !done) return done.error();
    if (auto done = compared_.finish(); !done) return done.error();
    if (streams_left_ && meeting_.left_redis != nullptr && meeting_.left_redis->keys_with_more_parts() > 0)
        meeting_.findings.note(
            meeting_.left_redis->told_of_more_parts(meeting_.left_redis->keys_with_more_parts()));
    note_unseen_names();
    if (!keeps_keys_) return {};
    if (auto done = seen_.finish(); !done) return done.error();
    return meeting_.rules.left_over ? find_left_over() : find_duplicates();
}

Result<bool> LookUpMeeting::take(Record record) {
    if (record.key == last_key_) return duplicate_key(streams_left_ ? "left" : "right", record.key);
    last_key_ = record.key;
    batch_bytes_ += record.bytes();
    batch_.push_back(std::move(record));
    if (batch_.size() < meeting_.bounds.batch_records && batch_bytes_ < batch_bytes_max) return true;
    batch_bytes_ = 0;
    auto batch = std::exchange(batch_, {});
    batch_.reserve(batch.size());
    if (auto done = looked_for_.give({.records = std::move(batch)}); !done) return done.error();
    return true;
}

Record LookUpMeeting::spare() {
    if (spare_.empty()) {
        const std::lock_guard lock(spare_mutex_);
        if (spare_batches_.empty()) return {};
        spare_ = std::move(spare_batches_.back());
        spare_batches_.pop_back();
    }
    auto out = std::move(spare_.back());
    spare_.pop_back();
    return out;
}

/// Keeps the memory of a batch for records to come.
void LookUpMeeting::set_aside(std::vector<Record> batch) {
    std::size_t bytes = 0;
    for (const auto& record : batch)
        for (const auto& value : record.values) bytes += value.text.capacity();
    const std::lock_guard lock(spare_mutex_);
    if (!batch.empty() && bytes <= spare_bytes_max && spare_batches_.size() < spare_batches_max)
        spare_batches_.push_back(std::move(batch));
}

Result<void> LookUpMeeting::note_seen(const Record& record, const std::string& redis_key) {
    for (const auto& part : record.key) with_colon_ = with_colon_ || part.find(':') != std::string::npos;
    return seen_.add_key(redis_key);
}

/// Does the text hold the same as the record in every field, and nothing that has to be told? Without making
/// values of what is written there the same way; when in doubt false.
bool LookUpMeeting::agree(const Record& streamed, std::string_view text) {
    seen_members_ = 0;
    const bool agreed = take_json_members(text, looked_up_, [&](std::size_t at, const JsonMember& member) {
        seen_members_ |= std::uint64_t{1} << at;
        const auto* field = field_of_[at];
        if (field == nullptr) return candidates_[at].compared;  // else a field that appears late
        const auto& value = streamed.values[at];
        // Numbers, texts and documents match when they are written the same way, whatever they are read as.
        const bool in_its_zone = value.kind != Value::Kind::moment || field->rule.zone_seconds == 0;
        const bool plain = value.kind == Value::Kind::number || (value.is_text() && in_its_zone);
        const bool written = member.kind != Value::Kind::null && member.kind != Value::Kind::boolean;
        if (plain && written && !member.escaped && field->rule.reading.is_plain() && member.raw == value.text)
            return true;
        const auto other = member.value();
        return compare(streams_left_ ? value : other, streams_left_ ? other : value, field->rule) ==
               Verdict::match;
    });
    return agreed && (seen_members_ & fields_mask_) == fields_mask_;
}

Result<void> LookUpMeeting::look_up(Batch batch) {
    batch.redis_keys.reserve(batch.records.size());
    for (const auto& record : batch.records) {
        batch.redis_keys.push_back(redis_.keys().redis_key(record.key));
        if (!keeps_keys_) continue;
        if (auto done = note_seen(record, batch.redis_keys.back()); !done) return done.error();
    }
    auto texts = redis_.texts_of(batch.redis_keys, meeting_.control);
    if (!texts) return texts.error();
    batch.texts = *std::move(texts);
    return compared_.give(std::move(batch));
}

Result<void> LookUpMeeting::compare_texts(Batch batch) {
    auto& records = batch.records;
    agreed_.assign(records.size(), 0);
    if (!decided_) seen_names_ = redis_.fields_in(batch.texts);
    RedisReader::Glance glance;
    if (decided_ && candidates_.size() <= candidates_glanced_max)
        glance = [&](std::size_t at, std::string_view text) {
            agreed_[at] = agree(records[at], text) ? 1 : 0;
            return agreed_[at] != 0;
        };
    auto values = redis_.values_of(batch.redis_keys, std::move(batch.texts), meeting_.control, glance);
    if (!values) return values.error();
    if (auto done = compare_batch(records, *std::move(values)); !done) return done.error();
    meeting_.progress.step(std::ssize(records));
    set_aside(std::move(records));
    return {};
}

Result<void> LookUpMeeting::compare_batch(std::vector<Record>& batch,
                                          std::vector<std::optional<RedisReader::Values>> values) {
    std::vector<std::optional<Record>> found(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!values[i]) continue;
        found[i] = Record{batch[i].key, *std::move(values[i])};
        agreed_[i] = 0;
    }
    if (!decided_) {
        if (auto done = decide_fields(batch, found); !done) return done.error();
    } else {
        note_late_fields(found);
    }
    std::int64_t matches = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (agreed_[i] != 0) {
            ++matches;
            continue;
        }
        std::optional<Record> streamed(std::move(batch[i]));
        auto done = streams_left_ ? meeting_.findings.add(std::move(streamed), std::move(found[i]))
                                  : meeting_.findings.add(std::move(found[i]), std::move(streamed));
        if (!done) return done.error();
    }
    meeting_.findings.add_matches(matches);
    return {};
}

/// The next key of the streamed side, in the order of their hashes; nothing after the last one.
Result<const char*> LookUpMeeting::next_seen() {
    auto seen = seen_.next_bytes();
    if (!seen || *seen == nullptr) return seen;
    const auto redis_key = key_from(*seen);
    if (redis_key == last_seen_) {
        // Of several parts the record's key cannot be read back for certain.
        const auto key =
            redis_.keys().names().size() == 1 ? redis_.keys().key_of(redis_key, false) : std::nullopt;
        return duplicate_key(streams_left_ ? "left" : "right", key.value_or(Key{std::string(redis_key)}));
    }
    last_seen_ = redis_key;
    return seen;
}

Result<void> LookUpMeeting::find_duplicates() {
    for (;;) {
        const auto seen = next_seen();
        if (!seen) return seen.error();
        if (*seen == nullptr) return {};
    }
}

Result<void> LookUpMeeting::find_left_over() {
    SortedRecords scanned(KeyOrder::by_hash, meeting_.room());
    if (auto done = scan_for_left_over(scanned); !done) return done.error();
    if (auto done = scanned.finish(); !done) return done.error();
    return report_left_over(scanned);
}

Result<void> LookUpMeeting::scan_for_left_over(SortedRecords& scanned) {
    using Keys = std::vector<std::string>;
    WorkLine<Keys> sorted(pages_waiting_max, [&](const Keys& redis_keys) -> Result<void> {
        for (const auto& redis_key : redis_keys)
            if (auto done = scanned.add_key(redis_key); !done) return done.error();
        return {};
    });
    auto done = redis_.scan(
        [&](Keys redis_keys) -> Result<bool> {
            if (auto given = sorted.give(std::move(redis_keys)); !given) return given.error();
            return true;
        },
        meeting_.control);
    return done ? sorted.finish() : done;
}

/// Keys of the template that no record has. A key with more parts than the records' keys is something else
/// (`order:7:items` beside `order:{id}`), unless the records' own keys hold colons.
Result<void> LookUpMeeting::report_left_over(SortedRecords& scanned) {
    SortedRecords left_over(KeyOrder::by_value, meeting_.room());
    std::int64_t kept_out = 0;
    auto seen = next_seen();
    std::optional<std::string> before;
    for (;;) {
        const auto one = scanned.next_bytes();
        if (!one) return one.error();
        if (*one == nullptr) break;
        const auto key = key_from(*one);
        if (before == key) continue;  // SCAN may give a key twice
        before = key;
        int order = -1;
        while (seen && *seen != nullptr && (order = compare_records(KeyOrder::by_hash, *seen, *one)) < 0)
            seen = next_seen();
        if (!seen) return seen.error();
        if (*seen != nullptr && order == 0) continue;
        auto parts = redis_.keys().key_of(key, !with_colon_);
        if (!parts)
            ++kept_out;
        else if (auto done = left_over.add({*std::move(parts), {}}); !done)
            return done.error();
    }
    if (seen && *seen != nullptr)
        if (auto done = find_duplicates(); !done) return done.error();
    if (auto done = left_over.finish(); !done) return done.error();
    for (;;) {
        auto one = left_over.next();
        if (!one) return one.error();
        if (!*one) break;
        auto added = streams_left_ ? meeting_.findings.add(std::nullopt, *std::move(one))
                                   : meeting_.findings.add(*std::move(one), std::nullopt);
        if (!added) return added.error();
    }
    if (kept_out > 0) meeting_.findings.note(redis_.told_of_more_parts(kept_out));
    return {};
}

}  // namespace casefile::tools::diff
