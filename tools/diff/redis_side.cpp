#include "tools/diff/redis_side.h"

#include <charconv>

#include "tools/diff/record_bytes.h"

namespace casefile::tools::diff {
namespace {

using sources::Control;

constexpr std::size_t keys_sampled = 100;
constexpr std::size_t keys_read_at_once = 500;

}  // namespace

/// By the server's clock, asked once, or by ours where the account may not ask; from then on ours tells how
/// far it went.
Result<void> RedisSide::note_time(const Control& control) {
    const std::lock_guard lock(noting_);
    const auto now = clock_.now();
    if (read_.from.empty()) {
        ahead_ = std::chrono::milliseconds(0);
        auto reply = reader_.ask({"TIME"}, control);
        if (!reply && reply.error().layer != Layer::database) return reply.error();
        if (reply && reply->items.size() == 2) {
            const auto number = [](const std::string& text) {
                std::int64_t value = 0;
                std::from_chars(text.data(), text.data() + text.size(), value);
                return value;
            };
            const std::chrono::milliseconds server(number(reply->items[0].text) * 1000 +
                                                   number(reply->items[1].text) / 1000);
            ahead_ = WallTime(server) - now;
        }
        read_.from = rfc3339(now + ahead_);
    }
    read_.until = rfc3339(now + ahead_);
    return {};
}

Result<RedisReader::Texts> RedisSide::texts_of(const std::vector<std::string>& redis_keys,
                                               const Control& control) {
    if (auto done = note_time(control); !done) return done.error();
    auto texts = reader_.short_texts(redis_keys, control);
    if (!texts) return texts;
    if (auto done = note_time(control); !done) return done.error();
    return texts;
}

Result<std::vector<std::optional<RedisReader::Values>>> RedisSide::values_of(
    const std::vector<std::string>& redis_keys, RedisReader::Texts texts, const Control& control,
    const RedisReader::Glance& glance) {
    auto values = reader_.read(redis_keys, std::move(texts), wanted_, control, glance);
    if (!values) return values;
    if (auto done = note_time(control); !done) return done.error();
    return values;
}

Result<std::vector<std::optional<Record>>> RedisSide::look_up(const std::vector<Key>& keys,
                                                              const Control& control) {
    std::vector<std::string> redis_keys;
    redis_keys.reserve(keys.size());
    for (const auto& key : keys) redis_keys.push_back(keys_.redis_key(key));
    auto texts = texts_of(redis_keys, control);
    if (!texts) return texts.error();
    auto values = values_of(redis_keys, *std::move(texts), control);
    if (!values) return values.error();
    std::vector<std::optional<Record>> out(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        if ((*values)[i]) out[i] = Record{keys[i], *std::move((*values)[i])};
    return out;
}

Result<std::vector<std::string>> RedisSide::fields_of(const std::vector<Key>& keys, const Control& control) {
    std::vector<std::string> redis_keys;
    for (const auto& key : keys)
        if (redis_keys.size() < keys_sampled) redis_keys.push_back(keys_.redis_key(key));
    return reader_.fields_of(redis_keys, control);
}

std::vector<std::string> RedisSide::fields_in(const RedisReader::Texts& texts) const {
    std::vector<std::string> names;
    std::size_t sampled = 0;
    for (const auto& text : texts)
        if (text && ++sampled <= keys_sampled) reader_.add_fields_in(*text, names);
    return names;
}

Result<void> RedisSide::scan(const TakeKeys& take, const Control& control) {
    std::string cursor = "0";
    do {
        auto reply = reader_.ask({"SCAN", cursor, "MATCH", keys_.pattern(), "COUNT", "1000"}, control);
        if (!reply) return reply.error();
        if (reply->items.size() != 2)
            return internal(name_ + ": SCAN gave something else than a cursor and keys");
        cursor = reply->items[0].text;
        std::vector<std::string> found;
        for (auto& key : reply->items[1].items) found.push_back(std::move(key.text));
        auto more = take(std::move(found));
        if (!more) return more.error();
        if (!*more) return {};
    } while (cursor != "0");
    return {};
}

Result<void> RedisSide::stream(RecordSink& sink, const Control& control) {
    SortedRecords scanned(KeyOrder::by_value, room_), with_more_parts(KeyOrder::by_hash, room_);
    auto done = scan(
        [&](const std::vector<std::string>& redis_keys) -> Result<bool> {
            for (const auto& redis_key : redis_keys) {
                auto key = keys_.key_of(redis_key, true);
                if (!key && !keys_.key_of(redis_key, false)) continue;
                auto added = key ? scanned.add({*std::move(key), {}}) : with_more_parts.add_key(redis_key);
                if (!added) return added.error();
            }
            return true;
        },
        control);
    if (!done) return done.error();
    if (auto counted = count(with_more_parts); !counted) return counted.error();
    if (auto finished = scanned.finish(); !finished) return finished.error();
    return read_in_order(scanned, sink, control);
}

/// SCAN may give a key twice.
Result<void> RedisSide::count(SortedRecords& with_more_parts) {
    if (auto finished = with_more_parts.finish(); !finished) return finished.error();
    for (std::string before;;) {
        const auto one = with_more_parts.next_bytes();
        if (!one) return one.error();
        if (*one == nullptr) return {};
        if (key_from(*one) == before) continue;
        before = key_from(*one);
        ++keys_with_more_parts_;
    }
}

std::string RedisSide::told_of_more_parts(std::int64_t keys) const {
    return name_ + ": " + std::to_string(keys) + " keys match " + keys_.pattern() +
           " but have further parts after a colon; they are taken for something else";
}

Result<void> RedisSide::read_in_order(SortedRecords& scanned, RecordSink& sink, const Control& control) {
    std::vector<Key> keys;
    for (bool more = true; more;) {
        auto one = scanned.next();
        if (!one) return one.error();
        more = one->has_value();
        if (more && (keys.empty() || keys.back() != (*one)->key)) keys.push_back(std::move((*one)->key));
        if (keys.empty() || (more && keys.size() < keys_read_at_once)) continue;
        // The last key stays, so that its double is seen.
        const auto last = keys.back();
        if (more) keys.pop_back();
        auto go_on = hand_over(keys, sink, control);
        if (!go_on) return go_on.error();
        if (!*go_on) return {};
        keys.clear();
        if (more) keys.push_back(last);
    }
    return {};
}

Result<bool> RedisSide::hand_over(const std::vector<Key>& keys, RecordSink& sink, const Control& control) {
    if (!std::exchange(chosen_, true)) {
        auto names = fields_of(keys, control);
        if (!names) return names.error();
        auto wanted = sink.choose(*names);
        if (!wanted) return wanted.error();
        want(*std::move(wanted));
    }
    auto records = look_up(keys, control);
    if (!records) return records.error();
    for (auto& record : *records) {
        if (!record) continue;
        auto more = sink.take(*std::move(record));
        if (!more || !*more) return more;
    }
    return true;
}

}  // namespace casefile::tools::diff
