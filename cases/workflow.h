#pragma once
// What to do next, by severity: the steps of an incident in their order, and which of them the record shows
// as done.

#include "cases/case.h"

namespace casefile::cases {

struct WorkflowStep {
    std::string id;       ///< "1.2"
    std::string persona;  ///< observability, backend or devops
    std::string title;
    std::string how;        ///< the tool, or what is recorded
    bool recorded = false;  ///< people or other tools do it; casefile keeps what came of it
    std::string state;      ///< done, skipped or open
};

struct Workflow {
    std::string severity, route;  ///< "P1", "p1_high"
    std::string prompt;           ///< the prompt that leads through it
    std::vector<WorkflowStep> steps;

    /// nullptr when nothing is left.
    const WorkflowStep* next() const;
};

/// The workflow of a severity, P2's for an unknown one, with all steps open.
Workflow workflow_of(const std::string& severity);
/// The same with what the record shows: evidence on file, or a step of the plan with the same id that is done
/// or skipped.
Workflow workflow_of(const CaseState& state);

/// How long a stage should take, in minutes, and how long this one has taken so far.
struct StageTime {
    std::string persona;
    std::int64_t minutes_min = 0, minutes_max = 0, minutes_so_far = 0;
};
/// The stage of `step`, counted from the last hand-over to it, or from the opening.
StageTime stage_time(const CaseState& state, const WorkflowStep& step, WallTime now);

}  // namespace casefile::cases
