#include "cases/workflow.h"

#include "base/text.h"
#include "cases/told.h"
#include "cases/vocabulary.h"

namespace casefile::cases {
namespace {

/// `done`: what shows it, as alternatives apart by spaces: key:K (an entry under that key), kind:K, tool:T
/// (an answered run), draft:K, status:S, grant, supported, field:F.
struct Definition {
    const char *id, *persona, *title, *how;
    bool recorded;
    const char* done;
};

constexpr Definition whole[] = {
    {"1.1", "observability", "Alert triage", "write_log key alert_details", false,
     "key:alert_details field:alert"},
    {"1.2", "observability", "Error metrics", "write_log key metrics_snapshot", false,
     "key:metrics_snapshot"},
    {"1.3", "observability", "Error logs", "write_log key log_analysis", false, "key:log_analysis"},
    {"1.4", "observability", "Traces", "write_log key trace_analysis", false, "key:trace_analysis"},
    {"1.5", "observability", "Impact", "set_impact", false, "kind:figure key:impact_assessment"},
    {"1.6", "observability", "Incident record: environment and fingerprints",
     "confirm_environment, fingerprint", false, "grant"},
    {"2.1", "backend", "Context", "get_case, find_similar", false, "kind:handoff kind:hypothesis"},
    {"2.2", "backend", "Reproduce", "write_log key reproduction", true, "key:reproduction"},
    {"2.3", "backend", "Find the cause, design the fix", "set_hypothesis, record_fix", false,
     "key:fix_design kind:fix"},
    {"2.4", "backend", "Implement", "record_fix patch", true, "patch"},
    {"2.5", "backend", "Circuit breaker or limit", "set_action", false, "kind:action key:action"},
    {"2.6", "backend", "Test the fix", "record_fix fails_before, passes_after", true,
     "validated key:fix_validation"},
    {"2.7", "backend", "Commit", "draft_document kind pull_request", true, "draft:pull-request"},
    {"3.1", "devops", "Hotfix pull request", "record_fix link", true, "link"},
    {"3.2", "devops", "Deploy", "write_log key deployment", true, "key:deployment"},
    {"3.3", "devops", "Monitor recovery", "the read that showed the symptom; write_log key recovery", false,
     "key:recovery"},
    {"3.4", "devops", "Verify", "compute_slo; write_log key recheck", false, "key:recheck"},
    {"3.5", "devops", "Afterwards", "set_action, draft_postmortem, learn", false, "draft:learn-project"},
};

constexpr Definition escalate[] = {
    {"0.1", "observability", "Communicate first", "draft_document kind comms_internal_first", false,
     "draft:comms-internal-first"},
    {"0.2", "observability", "Page everybody", "write_log key page; hand_off", true, "key:page"},
};

constexpr Definition investigate[] = {
    {"1.1", "backend", "Intake and similar cases", "update_case, find_similar", false, "field:symptoms"},
    {"1.2", "backend", "Environment and fingerprints", "confirm_environment, fingerprint", false, "grant"},
    {"1.3", "backend", "Hypotheses and plan", "set_hypothesis, set_plan", false, "kind:hypothesis"},
    {"1.4", "backend", "Database, cache, queue, diff", "query_mysql, read_redis, kafka_lag, diff", false,
     "tool:diff tool:query_mysql tool:read_redis tool:kafka_lag"},
    {"1.5", "backend", "Cause supported by runs", "set_hypothesis, update_case root_cause", false,
     "supported"},
    {"1.6", "backend", "Workaround and answer", "write_log key workaround; draft_postmortem teammate", false,
     "key:workaround draft:teammate"},
    {"1.7", "backend", "Fix by the normal way", "record_fix", true, "kind:fix"},
    {"1.8", "backend", "Re-check the symptom", "write_log key recheck", false, "key:recheck"},
    {"1.9", "backend", "Prevent and learn", "set_action, learn", false, "draft:learn-project"},
};

constexpr Definition ticket[] = {
    {"1.1", "backend", "Intake", "update_case", false, "field:symptoms"},
    {"1.2", "backend", "One read that shows it", "query_mysql or read_redis", false,
     "tool:query_mysql tool:read_redis tool:diff tool:kafka_lag"},
    {"1.3", "backend", "Most likely cause", "set_hypothesis", false, "kind:hypothesis"},
    {"1.4", "backend", "Body of the ticket", "draft_postmortem teammate", false, "draft:teammate"},
    {"1.5", "backend", "Ticket filed", "write_log key ticket", true, "key:ticket"},
};

template <std::size_t size>
void add(Workflow& workflow, const Definition (&steps)[size]) {
    for (const auto& step : steps)
        workflow.steps.push_back({step.id, step.persona, step.title, step.how, step.recorded, "open"});
}

const Definition* definition_of(const Workflow& workflow, const std::string& id) {
    const auto find = [&](const auto& steps) -> const Definition* {
        for (const auto& step : steps)
            if (id == step.id) return &step;
        return nullptr;
    };
    if (workflow.severity == "P2") return find(investigate);
    if (workflow.severity == "P3") return find(ticket);
    const auto* found = find(whole);
    return found != nullptr ? found : find(escalate);
}

bool any_fix(const CaseState& state, const char* name) {
    for (const auto& fix : newest_of(state, "fix"))
        if (!member_of(fix, name).empty()) return true;
    return false;
}

bool shows(const CaseState& state, const std::string& mark) {
    const auto colon = mark.find(':');
    const auto what = mark.substr(0, colon), name = colon == std::string::npos ? "" : mark.substr(colon + 1);
    const auto entry_is = [&](const auto& wanted) {
        return std::any_of(state.entries.begin(), state.entries.end(), wanted);
    };
    if (what == "key")
        return entry_is([&](const Entry& e) { return e.key == name || e.key.starts_with(name + "."); });
    if (what == "kind") return entry_is([&](const Entry& e) { return e.kind == name; });
    if (what == "tool")
        return std::any_of(state.runs.begin(), state.runs.end(),
                           [&](const auto& run) { return run.tool == name && run.outcome == "answered"; });
    if (what == "draft")
        return std::any_of(state.drafts.begin(), state.drafts.end(),
                           [&](const auto& draft) { return string_or(draft, "kind") == name; });
    if (what == "grant") return !state.grants.empty();
    if (mark == "field:alert")
        return !string_or(state.fields.framing.value_or(json::object()), "alert").empty();
    if (what == "field") return state.fields.symptoms && !state.fields.symptoms->actual.empty();
    if (what == "supported")
        return entry_is([](const Entry& e) { return e.kind == "hypothesis" && e.state == "supported"; });
    if (what == "patch" || what == "link") return any_fix(state, what.c_str());
    if (what == "validated")
        return entry_is([](const Entry& e) { return e.kind == "fix" && e.state == "validated"; });
    return false;
}

}  // namespace

const WorkflowStep* Workflow::next() const {
    for (const auto& step : steps)
        if (step.state == "open") return &step;
    return nullptr;
}

Workflow workflow_of(const std::string& severity) {
    const auto known = read_severity(severity);
    Workflow workflow;
    workflow.severity = known ? *known : default_severity;
    if (workflow.severity == "P0") {
        workflow.route = "p0_critical";
        workflow.prompt = "immediate_escalation_workflow";
        add(workflow, escalate);
        add(workflow, whole);
    } else if (workflow.severity == "P1") {
        workflow.route = "p1_high";
        workflow.prompt = "standard_incident_workflow";
        add(workflow, whole);
    } else if (workflow.severity == "P2") {
        workflow.route = "p2_medium";
        workflow.prompt = "investigate_and_fix_workflow";
        add(workflow, investigate);
    } else {
        workflow.route = "p3_low";
        workflow.prompt = "create_ticket_workflow";
        add(workflow, ticket);
    }
    return workflow;
}

Workflow workflow_of(const CaseState& state) {
    auto workflow = workflow_of(state.fields.severity.value_or(default_severity));
    for (auto& step : workflow.steps) {
        const auto* planned = newest_with_key(state, "plan." + step.id);
        if (planned != nullptr && (planned->state == "done" || planned->state == "skipped")) {
            step.state = planned->state;
            continue;
        }
        const auto* definition = definition_of(workflow, step.id);
        for (const auto& mark : split(definition == nullptr ? "" : definition->done, ' '))
            if (!mark.empty() && shows(state, mark)) step.state = "done";
    }
    return workflow;
}

StageTime stage_time(const CaseState& state, const WorkflowStep& step, WallTime now) {
    StageTime time{step.persona, 5, 10, 0};
    if (step.persona == "backend") time.minutes_min = 15, time.minutes_max = 30;
    if (step.persona == "devops") time.minutes_min = 10, time.minutes_max = 15;
    auto began = state.opened_at;
    for (const auto& entry : state.entries)
        if (entry.kind == "handoff" && member_of(entry, "to") == step.persona) began = entry.at;
    if (const auto from = parse_rfc3339(began); from && *from <= now)
        time.minutes_so_far = std::chrono::duration_cast<std::chrono::minutes>(now - *from).count();
    return time;
}

}  // namespace casefile::cases
