#include "tools/kafka/lag_verdict.h"

namespace casefile::tools::kafka {
namespace {

/// A message that waits this long is late.
constexpr std::int64_t late_seconds = 60;
/// Consumers that commit by themselves do so every five seconds; a shorter sample proves nothing.
constexpr double sample_seconds_min = 10;

std::string text(std::int64_t number) { return std::to_string(number); }

/// Between the commits, rounded down: no longer than was looked.
std::string whole_seconds(const PartitionFacts& facts) {
    return text(static_cast<std::int64_t>(facts.commit_seconds));
}

std::string wait_of(const PartitionFacts& facts) {
    if (!facts.time_lag_seconds) return text(*facts.lag()) + " messages wait";
    return text(*facts.lag()) + " messages wait, the oldest for " + text(*facts.time_lag_seconds) + " s";
}

bool is_late(const PartitionFacts& facts) {
    return facts.time_lag_seconds && *facts.time_lag_seconds >= late_seconds;
}

/// Two samples, and the commits moved forward between them.
Judgement judge_moving(const PartitionFacts& facts) {
    const auto before = facts.first.end - *facts.first.committed;
    const auto after = *facts.lag();
    const auto change =
        "lag went from " + text(before) + " to " + text(after) + " in " + whole_seconds(facts) + " s";
    if (after > before) return {LagState::warning, "commits move, but " + change};
    return {LagState::ok, "commits move: " + change};
}

/// Two samples, and the commits stayed where they were although messages wait.
Judgement judge_still(const PartitionFacts& facts) {
    const auto produced = facts.second->end - facts.first.end;
    const auto still = "no commit in " + whole_seconds(facts) + " s while " + wait_of(facts) +
                       (produced > 0 ? " and " + text(produced) + " more came" : "");
    if (facts.consumers == Consumers::none) return {LagState::stopped, "the group has no members; " + still};
    if (facts.commit_seconds < sample_seconds_min && !is_late(facts))
        return {LagState::warning, still + "; too short a sample to tell a slow commit from none"};
    if (facts.consumers == Consumers::alive) return {LagState::stalled, "consumers are alive; " + still};
    return {LagState::stopped, "no member is known; " + still};
}

/// One sample: whether commits move cannot be seen.
Judgement judge_once(const PartitionFacts& facts) {
    const auto once = "one sample: " + wait_of(facts);
    if (!facts.time_lag_seconds) {
        if (facts.consumers == Consumers::none)
            return {LagState::warning, once + " and the group has no members"};
        return {LagState::unknown, once + "; sample_seconds tells whether commits move"};
    }
    if (facts.consumers == Consumers::alive)
        return is_late(facts)
                   ? Judgement{LagState::warning,
                               once + "; members are there, sample_seconds tells whether they commit"}
                   : Judgement{LagState::ok, once};
    if (is_late(facts))
        return {LagState::stopped,
                once + (facts.consumers == Consumers::none ? " and the group has no members"
                                                           : " and no member is known")};
    return facts.consumers == Consumers::none
               ? Judgement{LagState::warning, once + " and the group has no members"}
               : Judgement{LagState::ok, once};
}

Judgement judge_committed(const PartitionFacts& facts) {
    if (facts.second && *facts.second->committed < *facts.first.committed)
        return {LagState::rewound, "the committed offset went back from " + text(*facts.first.committed) +
                                       " to " + text(*facts.second->committed)};
    if (*facts.lag() < 0)
        return {LagState::warning, "committed " + text(*facts.latest().committed) + " is beyond the end " +
                                       text(facts.latest().end) + ": the topic was cut or made anew"};
    if (*facts.lag() == 0) return {LagState::ok, "every message is committed"};
    if (facts.commits_moved()) return judge_moving(facts);
    if (facts.nothing_readable)
        return {LagState::unknown,
                "lag " + text(*facts.lag()) +
                    " without a readable message behind it: transaction markers look like this"};
    return facts.second ? judge_still(facts) : judge_once(facts);
}

}  // namespace

const char* name_of(LagState state) {
    switch (state) {
        case LagState::empty:
            return "EMPTY";
        case LagState::ok:
            return "OK";
        case LagState::unknown:
            return "UNKNOWN";
        case LagState::warning:
            return "WARNING";
        case LagState::rewound:
            return "REWOUND";
        case LagState::stalled:
            return "STALLED";
        case LagState::stopped:
            return "STOPPED";
    }
    return "UNKNOWN";
}

std::optional<std::int64_t> PartitionFacts::lag() const {
    const auto& sample = latest();
    if (!sample.committed) return std::nullopt;
    return sample.end - *sample.committed;
}

bool PartitionFacts::data_loss() const {
    const auto& sample = latest();
    return sample.committed && *sample.committed < sample.low;
}

bool PartitionFacts::commits_moved() const {
    return second && second->committed && (!first.committed || *second->committed > *first.committed);
}

Judgement judge_partition(const PartitionFacts& facts) {
    if (!facts.error.empty()) return {LagState::unknown, facts.error};
    const auto& now = facts.latest();
    if (!now.committed && now.end == now.low)
        return {LagState::empty, "never committed, and the partition holds no message"};
    if (!now.committed)
        return {LagState::unknown,
                "never committed, although " + text(now.end - now.low) + " messages are there"};
    if (facts.second && !facts.first.committed)
        return {LagState::ok, "the first commit came between the samples"};
    auto judged = judge_committed(facts);
    if (!facts.data_loss()) return judged;
    const auto lost = text(now.low - *now.committed) + " messages were deleted before the group read them";
    if (judged.state < LagState::warning) return {LagState::warning, lost + "; " + judged.rule};
    judged.rule += "; " + lost;
    return judged;
}

}  // namespace casefile::tools::kafka
