#pragma once
// What offsets say of a consumer group. Rules on numbers alone, each with the words that tell why.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace casefile::tools::kafka {

/// From the best to the worst, so that a group is as bad as its worst partition.
enum class LagState { empty, ok, unknown, warning, rewound, stalled, stopped };
const char* name_of(LagState state);

/// Whether somebody consumes: told by the broker's list of members, or by commits that moved.
enum class Consumers { unknown, none, alive };

struct Sample {
    std::optional<std::int64_t> committed;  ///< none: never committed
    std::int64_t low = 0;
    std::int64_t end = 0;
};

/// One partition as one group sees it.
struct PartitionFacts {
    Sample first;
    std::optional<Sample> second;
    double commit_seconds = 0, end_seconds = 0;  ///< measured between the two, as each is read for itself
    std::optional<std::int64_t>
        time_lag_seconds;                      ///< age of the oldest message that waits, where it was read
    bool nothing_readable = false;             ///< lag, but no message at or after the committed offset
    Consumers consumers = Consumers::unknown;  ///< of the whole group
    std::string error;                         ///< what the broker said of this partition

    const Sample& latest() const { return second ? *second : first; }
    /// Negative when the group committed beyond the end; none when it never committed.
    std::optional<std::int64_t> lag() const;
    /// The broker deleted messages that the group had not read.
    bool data_loss() const;
    bool commits_moved() const;
};

struct Judgement {
    LagState state = LagState::unknown;
    std::string rule;
};

Judgement judge_partition(const PartitionFacts& facts);

}  // namespace casefile::tools::kafka
