#include "cases/plan.h"

#include <set>

#include "cases/told.h"

namespace casefile::cases {
namespace {

/// Calls of a tool may be thousands in one case; only the first are named, behind the `cited` ones.
void add_run(PlanStep& step, std::size_t cited, const std::string& run_id) {
    if (step.runs.size() < cited + step_runs_max)
        step.runs.push_back(run_id);
    else
        ++step.runs_more;
}

/// Done once one of `tools` has answered.
PlanStep step_by_tools(const CaseState& state, std::string title, const std::set<std::string_view>& tools) {
    PlanStep step;
    step.title = std::move(title);
    for (const auto& run : state.runs)
        if (run.outcome == "answered" && tools.contains(run.tool)) add_run(step, 0, run.run_id);
    step.done = !step.runs.empty();
    return step;
}

PlanStep finding_step(const CaseState& state) {
    PlanStep step;
    step.title = "Write a finding that cites its runs";
    for (const auto& finding : findings(state))
        step.runs.insert(step.runs.end(), finding.evidence.begin(), finding.evidence.end());
    step.runs = runs_with_data(state, cited_runs(state, {}, step.runs));
    step.done = !step.runs.empty();
    return step;
}

bool has_draft(const CaseState& state, std::initializer_list<std::string_view> kinds) {
    return std::any_of(state.drafts.begin(), state.drafts.end(), [&](const json::object& draft) {
        return std::find(kinds.begin(), kinds.end(), string_or(draft, "kind")) != kinds.end();
    });
}

PlanStep told_step(std::string title, bool done) {
    PlanStep step;
    step.title = std::move(title);
    step.done = done;
    return step;
}

/// Done by a tool that the step names, once it was set.
void take_runs(const CaseState& state, const Entry& entry, PlanStep& step) {
    const auto* value = entry.value.if_object();
    const auto* tools = value == nullptr ? nullptr : member(*value, "tools");
    if (tools == nullptr || !tools->is_array()) return;
    const auto cited = step.runs.size();
    for (const auto& run : state.runs)
        for (const auto& tool : tools->get_array())
            if (tool.is_string() && run.tool == tool.get_string() && run.outcome == "answered" &&
                run.opened_at >= entry.at)
                add_run(step, cited, run.run_id);
    if (!step.runs.empty() && step.state == "open") step.state = "done";
}

bool is_told(const CaseState& state, std::string_view framing_key) {
    const auto framing = state.fields.framing.value_or(json::object());
    const auto* value = member(framing, framing_key);
    return value != nullptr && !value->is_null() && canonical(*value).size() > 2;
}

}  // namespace

std::vector<PlanStep> steps_set(const CaseState& state) {
    std::vector<PlanStep> steps;
    for (const auto& entry : newest_of(state, "plan")) {
        PlanStep step;
        step.id = entry.key.substr(std::min(entry.key.size(), entry.key.find('.') + 1));
        step.title = entry.text;
        step.state = entry.state.empty() ? "open" : entry.state;
        step.runs = entry.evidence;
        const auto* value = entry.value.if_object();
        if (const auto* after = value == nullptr ? nullptr : member(*value, "after");
            after != nullptr && after->is_array())
            for (const auto& id : after->get_array())
                if (id.is_string()) step.after.emplace_back(id.get_string());
        take_runs(state, entry, step);
        step.done = step.state == "done" || step.state == "skipped";
        steps.push_back(std::move(step));
    }
    return steps;
}

std::vector<PlanStep> information_at_hand(const CaseState& state) {
    const bool metrics = newest_with_key(state, "metrics_snapshot") != nullptr;
    return {told_step("Error logs", is_told(state, "error_sample")), told_step("Metrics", metrics),
            told_step("Recent changes", is_told(state, "changes")),
            told_step("Access to code and staging", is_told(state, "access"))};
}

std::vector<PlanStep> plan_of(const CaseState& state) {
    auto steps = steps_set(state);
    for (auto& step : std::vector<PlanStep>{
             told_step("Confirm the environment", !state.grants.empty()),
             step_by_tools(state, "Take fingerprints", {"confirm_environment", "fingerprint"}),
             step_by_tools(state, "Read the database, the source of truth",
                           {"query_mysql", "describe_mysql"}),
             step_by_tools(state, "Read Redis, the derived view", {"read_redis", "scan_redis"}),
             step_by_tools(state, "Read Kafka, the way between them", {"kafka_lag", "read_kafka"}),
             step_by_tools(state, "Compare with a diff", {"diff"}),
             finding_step(state),
             told_step("Draft the summary for the teammate", has_draft(state, {"teammate"})),
             told_step("Draft the postmortem", has_draft(state, {"leader", "postmortem", "report"})),
         })
        steps.push_back(std::move(step));
    return steps;
}

}  // namespace casefile::cases
