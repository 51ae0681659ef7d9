#pragma once
// Kafka, by assignment only: no group is joined, nothing is committed, no topic is created.

#include <optional>

#include "base/limits.h"
#include "sources/source.h"

namespace casefile::sources::kafka {

struct Partition {
    std::string topic;
    std::int32_t partition = 0;
    auto operator<=>(const Partition&) const = default;
};

struct Topic {
    std::string name;
    std::vector<std::int32_t> partitions;
    bool internal = false;
    std::vector<std::int32_t> offline = {};           ///< partitions without a leader
    std::vector<std::int32_t> under_replicated = {};  ///< led, but with fewer replicas in sync than there are
};

/// The groups that can be asked for. `listed` is false when the broker would not list them (an ACL, or an
/// older broker) and the names come from the configuration; `reason` says why.
struct GroupList {
    std::vector<std::string> names;
    bool listed = true;
    std::string reason;
};

struct Committed {
    Partition partition;
    std::optional<std::int64_t> offset;  ///< none: never committed, which is not 0
    std::string error;                   ///< per partition, empty when fine
};

struct GroupMember {
    std::string member_id, client_id, host;
    std::vector<Partition> assigned;
};

struct Group {
    std::string name;
    std::string state;  ///< "Stable", "Empty", "Dead" …, or "unknown"
    std::string note;   ///< why the state or the members are unknown
    std::vector<GroupMember> members;
    std::vector<Committed> offsets;
    std::string error;  ///< of the whole group, empty when fine
};

struct Watermarks {
    Partition partition;
    std::int64_t low = 0;
    std::int64_t end = 0;
    std::string error;
};

struct Message {
    Partition partition;
    std::int64_t offset = 0;
    std::int64_t timestamp_ms = -1;  ///< -1: the message has none
    std::optional<std::string> key;
    std::optional<std::string> value;  ///< none: a tombstone
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

/// Where to begin: an absolute offset, the first message at or after a time, or `newest` messages before the
/// end.
struct Start {
    enum class Kind { offset, timestamp_ms, newest };
    Kind kind = Kind::newest;
    std::int64_t value = 0;
};

struct ReadRequest {
    std::string topic;
    std::vector<std::int32_t> partitions;  ///< empty: all
    Start start;
    std::int64_t messages_max = 100;
    std::int64_t bytes_max = 16'777'216;  ///< of keys and values together
    std::optional<std::string> key;       ///< only messages with exactly this key
};

/// A place in a partition, and the first message at or after it.
struct Place {
    Partition partition;
    std::int64_t offset = 0;
};
struct FirstMessage {
    enum class Kind {
        found,
        nothing,  ///< up to the end there is none: transaction markers, or what compaction took
        unknown   ///< not looked at in time, or refused
    };
    Kind kind = Kind::unknown;
    std::int64_t timestamp_ms = -1;  ///< of the message that was found; -1: it has none
};

/// What was looked at of one partition: offsets `from` up to, not including, `until`. `holes` of them hold no
/// message: transaction markers, and what compaction took.
struct Stretch {
    Partition partition;
    std::int64_t from = 0, until = 0, holes = 0;
};

/// Messages are read as they lie there, those of open and aborted transactions too (read_uncommitted).
struct ReadEnd {
    std::vector<Message> messages;       ///< by partition, then offset
    std::vector<Stretch> stretches;      ///< of the partitions in which something was looked at
    bool truncated = false;              ///< there is more before the end that was seen at the start
    std::vector<Watermarks> watermarks;  ///< of the partitions read, when the read began
    std::int64_t scanned = 0;            ///< messages looked at, for reads by key
    /// The broker told no offset for any time: some partitions were read from their first offset on, and of
    /// them only the messages at or after the time were taken.
    bool times_searched = false;
};

class KafkaSource : public Source {
  public:
    virtual Result<std::vector<Topic>> topics(const Control& control) = 0;
    virtual Result<GroupList> groups(const Control& control) = 0;

    /// State, members and committed offsets of each group, asked in one batch. Where the broker gives no
    /// offsets without names, `partitions` are asked for explicitly. Either way a group's offsets cover the
    /// topics on which it committed anything: all that it committed, and of `partitions` those that it did
    /// not.
    virtual Result<std::vector<Group>> describe_groups(const std::vector<std::string>& names,
                                                       const std::vector<Partition>& partitions,
                                                       const Control& control) = 0;

    /// Low and end offsets, one request per leader for every hundred partitions, several at a time.
    virtual Result<std::vector<Watermarks>> watermarks(const std::vector<Partition>& partitions,
                                                       const Control& control) = 0;

    virtual Result<ReadEnd> read(const ReadRequest& request, const Control& control) = 0;

    /// One answer for each place, in order; many partitions are read at once. What is not known when the time
    /// is over is `unknown`.
    virtual Result<std::vector<FirstMessage>> first_messages(const std::vector<Place>& places,
                                                             const Control& control) = 0;
};

std::unique_ptr<KafkaSource> make_kafka_source(Endpoint endpoint, const Limits& limits);

}  // namespace casefile::sources::kafka
