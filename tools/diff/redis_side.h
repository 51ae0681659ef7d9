#pragma once
// Redis keys of one template. Its records can be read in any order, and found by scanning.

#include <functional>
#include <mutex>

#include "base/clock.h"
#include "tools/diff/redis_reader.h"
#include "tools/diff/side.h"
#include "tools/diff/sorted_records.h"

namespace casefile::tools::diff {

/// look_up(), texts_of(), values_of() and fields_of() are safe to call while another thread does, or streams.
class RedisSide : public Side {
  public:
    /// `keys` is bound to the key fields; `room` is for the names of keys that are scanned.
    RedisSide(std::string name, KeyTemplate keys, RedisType type, sources::redis::RedisSource& source,
              const Clock& clock, Room room)
        : name_(name),
          keys_(std::move(keys)),
          reader_(std::move(name), type, source),
          clock_(clock),
          room_(std::move(room)) {}

    /// Scans, and reads the keys in their order: one that SCAN gives twice comes once. What is gone by the
    /// time it is read does not come.
    Result<void> stream(RecordSink& sink, const sources::Control& control) override;
    Result<std::vector<std::optional<Record>>> look_up(const std::vector<Key>& keys,
                                                       const sources::Control& control) override;
    /// The texts and then the values behind these Redis keys, as RedisReader::short_texts() and read() give
    /// them.
    Result<RedisReader::Texts> texts_of(const std::vector<std::string>& redis_keys,
                                        const sources::Control& control);
    Result<std::vector<std::optional<RedisReader::Values>>> values_of(
        const std::vector<std::string>& redis_keys, RedisReader::Texts texts, const sources::Control& control,
        const RedisReader::Glance& glance = {});
    bool changes() const override { return true; }
    ReadTime read_time() const override { return read_; }

    /// The fields that look_up() reads.
    void want(std::vector<std::string> fields) { wanted_ = std::move(fields); }
    Result<std::vector<std::string>> fields_of(const std::vector<Key>& keys, const sources::Control& control);
    /// The fields that the first of these texts hold.
    std::vector<std::string> fields_in(const RedisReader::Texts& texts) const;

    /// Keys that stream() passed over, as a value would hold a colon: they are taken for something else.
    std::int64_t keys_with_more_parts() const { return keys_with_more_parts_; }
    /// Tells of so many of them.
    std::string told_of_more_parts(std::int64_t keys) const;

    /// Walks all Redis keys of the template, in steps; some may come twice.
    using TakeKeys = std::function<Result<bool>(std::vector<std::string> redis_keys)>;
    Result<void> scan(const TakeKeys& take, const sources::Control& control);

    const KeyTemplate& keys() const { return keys_; }

  private:
    Result<void> note_time(const sources::Control& control);
    Result<void> count(SortedRecords& with_more_parts);
    Result<void> read_in_order(SortedRecords& scanned, RecordSink& sink, const sources::Control& control);
    Result<bool> hand_over(const std::vector<Key>& keys, RecordSink& sink, const sources::Control& control);

    std::string name_;
    KeyTemplate keys_;
    RedisReader reader_;
    const Clock& clock_;
    const Room room_;
    std::vector<std::string> wanted_;
    bool chosen_ = false;
    std::int64_t keys_with_more_parts_ = 0;
    std::mutex noting_;                   ///< guards what stands below while the side is read
    std::chrono::milliseconds ahead_{0};  ///< the server's clock before ours
    ReadTime read_;
};

}  // namespace casefile::tools::diff
