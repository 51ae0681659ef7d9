#pragma once
// Redis keys of one template. Its records can be read in any order, and found by scanning.

#include <functional>

#include "base/clock.h"
#include "tools/diff/redis_reader.h"
#include "tools/diff/side.h"

namespace casefile::tools::diff {

class RedisSide : public Side {
  public:
    /// `keys` is bound to the key fields.
    RedisSide(std::string name, KeyTemplate keys, RedisType type, sources::redis::RedisSource& source,
              const Clock& clock)
        : name_(name), keys_(std::move(keys)), reader_(std::move(name), type, source), clock_(clock) {}

    /// Scans, and keeps the names of the keys: one that SCAN gives twice comes once. What is gone by the time
    /// it is read does not come.
    Result<void> stream(RecordSink& sink, const sources::Control& control) override;
    Result<std::vector<std::optional<Record>>> look_up(const std::vector<Key>& keys,
                                                       const sources::Control& control) override;
    bool changes() const override { return true; }
    ReadTime read_time() const override { return read_; }

    /// The fields that look_up() reads.
    void want(std::vector<std::string> fields) { wanted_ = std::move(fields); }
    Result<std::vector<std::string>> fields_of(const std::vector<Key>& keys, const sources::Control& control);

    /// Walks all Redis keys of the template, in steps; some may come twice.
    using TakeKeys = std::function<Result<bool>(std::vector<std::string> redis_keys)>;
    Result<void> scan(const TakeKeys& take, const sources::Control& control);

    const KeyTemplate& keys() const { return keys_; }

  private:
    Result<void> note_time(const sources::Control& control);

    std::string name_;
    KeyTemplate keys_;
    RedisReader reader_;
    const Clock& clock_;
    std::vector<std::string> wanted_;
    std::chrono::milliseconds ahead_{0};  ///< the server's clock before ours
    ReadTime read_;
};

}  // namespace casefile::tools::diff
