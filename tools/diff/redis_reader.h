#pragma once
// The values behind many Redis keys at once, as fields: few round trips, and never more than a few MiB at a
// time.

#include <functional>
#include <mutex>
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

/// Safe to use from several threads. What is read of values is read by one at a time.
class RedisReader {
  public:
    /// `name` is "left" or "right".
    RedisReader(std::string name, RedisType type, sources::redis::RedisSource& source)
        : name_(std::move(name)), type_(type), source_(source) {}

    using Values = std::vector<Value>;
    using Texts = std::vector<std::optional<std::string>>;

    /// Hears the text of a key before it is read as JSON, and says whether that is all there is to do.
    using Glance = std::function<bool(std::size_t key, std::string_view text)>;

    /// The text of each key that holds a short one, by one command each whose answer cannot be large: such
    /// keys need not be weighed first. Nothing where there may be something else, more, or no key; and of all
    /// keys once it met more of something else than of short texts, because then it only costs time, or where
    /// the server's opinion forbids it.
    Result<Texts> short_texts(const std::vector<std::string>& keys, const sources::Control& control);

    /// For each key the values of `fields`, in order; nothing where there is no key, or where the glance was
    /// enough. Plain values and hashes are not glanced at. `texts` is what short_texts() gave of these keys;
    /// the others are asked for.
    Result<std::vector<std::optional<Values>>> read(const std::vector<std::string>& keys, Texts texts,
                                                    const std::vector<std::string>& fields,
                                                    const sources::Control& control,
                                                    const Glance& glance = {});

    /// The fields that these keys hold, in order of their first appearance. Of a hash only what one HSCAN
    /// step gives.
    Result<std::vector<std::string>> fields_of(std::span<const std::string> keys,
                                               const sources::Control& control);

    /// Adds the fields that a text holds, if they are not among `names`.
    void add_fields_in(std::string_view text, std::vector<std::string>& names) const;

    /// One command; an error reply is an error.
    Result<sources::redis::Reply> ask(sources::redis::Command command, const sources::Control& control);

  private:
    class Batch;

    Result<std::vector<std::optional<Values>>> ask_for(std::span<const std::string> keys,
                                                       const std::vector<std::string>& fields,
                                                       const sources::Control& control, const Glance& glance);
    Result<std::vector<sources::redis::Reply>> ask_all(const std::vector<sources::redis::Command>& commands,
                                                       const sources::Control& control);
    Result<void> weigh(const std::vector<sources::redis::Command>& commands, const sources::Control& control);
    Result<std::vector<sources::redis::Reply>> send(const std::vector<sources::redis::Command>& commands,
                                                    const sources::Control& control);
    Error refused(const sources::redis::Command& command, const std::string& reply) const;

    std::string name_;
    RedisType type_;
    sources::redis::RedisSource& source_;
    std::mutex asking_;              ///< guards what stands below
    std::size_t keys_at_once_ = 50;  ///< learnt from the size of what came
    std::int64_t short_ahead_ =
        0;  ///< by how much short texts outnumber what else was met; negative: no more
    std::vector<sources::redis::Command> looks_;  ///< of short_texts(), kept for their memory
};

}  // namespace casefile::tools::diff
