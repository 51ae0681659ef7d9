#pragma once
// The way an investigation goes, source of truth first, and how far this one has come.

#include "cases/case.h"

namespace casefile::cases {

/// As many as a document links of one step.
constexpr std::size_t step_runs_max = 12;

struct PlanStep {
    std::string id;  ///< empty for generated steps
    std::string title;
    bool done = false;
    std::vector<std::string> runs = {};   ///< ids of those that were cited, and of the first that did it
    std::size_t runs_more = 0;            ///< that did it as well
    std::string state = {};               ///< of a step that was set: open, doing, done, skipped
    std::vector<std::string> after = {};  ///< ids of steps that come before
};

/// Steps that were set for this case, in their order. A step that names tools is done once one of them has
/// answered after it was set.
std::vector<PlanStep> steps_set(const CaseState& state);

/// The steps that were set, then the generated ones: confirm, fingerprints, database, Redis, Kafka, diff,
/// finding, write-ups.
std::vector<PlanStep> plan_of(const CaseState& state);

/// What should be at hand before the reading begins: error logs, metrics, recent changes, access.
std::vector<PlanStep> information_at_hand(const CaseState& state);

}  // namespace casefile::cases
