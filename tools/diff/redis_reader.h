#pragma once
// The values behind many Redis keys at once, as fields: few round trips, and never more than a few MiB at a
// time.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sources/redis/source.h"
#include "tools/diff/value.h"

namespace casefile::tools::diff {

/// What the keys hold, as the call says.
enum class RedisType {
    automatic,  ///< whatever each key holds
    string,     ///< a string: the fields of its JSON object, or the field `value`
    plain,      ///< a string, never read as JSON: the field `value`
    hash,
    json,  ///< a JSON document in a string, or of the JSON module
};

class RedisReader {
  public:
    /// `name` is "left" or "right".
    RedisReader(std::string name, RedisType type, sources::redis::RedisSource& source)
        : name_(std::move(name)), type_(type), source_(source) {}

    using Values = std::vector<Value>;

    /// Hears the text of a key before it is read as JSON, and says whether that is all there is to do.
    using Glance = std::function<bool(std::size_t key, std::string_view text)>;

    /// For each key the values of `fields`, in order; nothing where there is no key, or where the glance was
    /// enough. Plain values and hashes are not glanced at.
    Result<std::vector<std::optional<Values>>> read(const std::vector<std::string>& keys,
                                                    const std::vector<std::string>& fields,
                                                    const sources::Control& control,
                                                    const Glance& glance = {});

    /// The fields that these keys hold, in order of their first appearance. Of a hash only what one HSCAN
    /// step gives.
    Result<std::vector<std::string>> fields_of(std::span<const std::string> keys,
                                               const sources::Control& control);

    /// One command; an error reply is an error.
    Result<sources::redis::Reply> ask(sources::redis::Command command, const sources::Control& control);

  private:
    class Batch;

    Result<std::vector<sources::redis::Reply>> ask_all(const std::vector<sources::redis::Command>& commands,
                                                       const sources::Control& control);
    Result<void> weigh(const std::vector<sources::redis::Command>& commands, const sources::Control& control);
    Result<std::vector<sources::redis::Reply>> send(const std::vector<sources::redis::Command>& commands,
                                                    const sources::Control& control);
    Error refused(const sources::redis::Command& command, const std::string& reply) const;

    std::string name_;
    RedisType type_;
    sources::redis::RedisSource& source_;
    std::size_t keys_at_once_ = 50;  ///< learnt from the size of what came
};

}  // namespace casefile::tools::diff
