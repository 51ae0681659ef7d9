#pragma once
// The numbers behind kafka_lag: which groups and partitions are meant, what they committed, and where
// partitions end.

#include "sources/kafka/source.h"
#include "tools/kafka/lag_verdict.h"
#include "tools/kafka/tools.h"

namespace casefile::tools::kafka {

using sources::Control;
using sources::kafka::Group;
using sources::kafka::KafkaSource;
using sources::kafka::Partition;

/// What is asked for: names from the arguments, or what there is.
struct Scope {
    std::vector<std::string> groups;
    std::string groups_from;            ///< "arguments", "broker" or "configuration"
    std::string note;                   ///< why the broker did not list them
    std::vector<Partition> partitions;  ///< of the topics meant, in order
    bool topics_named = false;          ///< then partitions without a commit are told too
};
Result<Scope> find_scope(const std::vector<std::string>& groups, const std::vector<std::string>& topics,
                         KafkaSource& source, const Control& control);

/// One partition of one group.
struct View {
    std::string group;
    Partition partition;
    std::size_t place = 0;  ///< of the partition among those of the scope
    std::string member;     ///< client and host it is assigned to, empty when unknown
    PartitionFacts facts;
    Judgement judged;
};

struct Picture {
    std::vector<Group> groups;
    std::vector<View> views;
    std::chrono::steady_clock::time_point commits_at, ends_at;  ///< when the first sample was told
};

/// Commits first, end offsets after, so that lag is never too small.
Result<Picture> take_first(const Scope& scope, KafkaSource& source, const Control& control,
                           const Stopwatch& now);
/// Asks the same again; `picture` gets its second samples, and the time that each took to come.
Result<void> take_second(const Scope& scope, Picture& picture, KafkaSource& source, const Control& control,
                         const Stopwatch& now);

}  // namespace casefile::tools::kafka
