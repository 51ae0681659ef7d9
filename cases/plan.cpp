#include "cases/plan.h"

#include <set>

#include "cases/told.h"

namespace casefile::cases {
namespace {

/// Done once one of `tools` has answered.
PlanStep step_by_tools(const CaseState& state, std::string title, const std::set<std::string_view>& tools) {
    PlanStep step{std::move(title), false, {}};
    for (const auto& run : state.runs)
        if (run.outcome == "answered" && tools.contains(run.tool)) step.runs.push_back(run.run_id);
    step.done = !step.runs.empty();
    return step;
}

PlanStep finding_step(const CaseState& state) {
    PlanStep step{"Write a finding that cites its runs", false, {}};
    for (const auto& finding : findings(state))
        step.runs.insert(step.runs.end(), finding.evidence.begin(), finding.evidence.end());
    step.runs = cited_runs(state, {}, step.runs);
    step.done = !step.runs.empty();
    return step;
}

bool has_draft(const CaseState& state, std::initializer_list<std::string_view> kinds) {
    return std::any_of(state.drafts.begin(), state.drafts.end(), [&](const json::object& draft) {
        return std::find(kinds.begin(), kinds.end(), string_or(draft, "kind")) != kinds.end();
    });
}

}  // namespace

std::vector<PlanStep> plan_of(const CaseState& state) {
    return {
        {"Confirm the environment", !state.grants.empty(), {}},
        step_by_tools(state, "Take fingerprints", {"confirm_environment", "fingerprint"}),
        step_by_tools(state, "Read the database, the source of truth", {"query_mysql", "describe_mysql"}),
        step_by_tools(state, "Read Redis, the derived view", {"read_redis", "scan_redis"}),
        step_by_tools(state, "Read Kafka, the way between them", {"kafka_lag", "read_kafka"}),
        step_by_tools(state, "Compare with a diff", {"diff"}),
        finding_step(state),
        {"Draft the summary for the teammate", has_draft(state, {"teammate"}), {}},
        {"Draft the postmortem", has_draft(state, {"leader", "postmortem", "report"}), {}},
    };
}

}  // namespace casefile::cases
