#pragma once
// The way an investigation of wrong data goes, source of truth first, and how far this one has come.

#include "cases/case.h"

namespace casefile::cases {

struct PlanStep {
    std::string title;
    bool done = false;
    std::vector<std::string> runs;  ///< run ids that did it
};

/// Confirm, fingerprints, database, Redis, Kafka, diff, finding, write-ups.
std::vector<PlanStep> plan_of(const CaseState& state);

}  // namespace casefile::cases
