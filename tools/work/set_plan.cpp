// set_plan: the steps of an investigation as a checklist with order, dependencies and states, and the stage
// of the funnel.

#include "base/text.h"
#include "cases/gates.h"
#include "cases/plan.h"
#include "cases/told.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

struct Step {
    std::string id;
    std::optional<std::string> title, state;
    std::optional<std::vector<std::string>> after, tools;
    std::vector<std::string> evidence;
};

struct Args {
    std::string id;
    std::vector<Step> steps;
    std::optional<std::string> stage;
};

struct StepLine {
    std::string id, title, state;
    std::vector<std::string> after, evidence;
    std::optional<std::int64_t> evidence_more;
};

struct Answer {
    std::vector<StepLine> steps;
    std::optional<std::string> stage, next;
    std::vector<std::string> warnings;
};

json::array array_of(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

/// What the step says now, over what an earlier word on it said.
Result<cases::Entry> entry_of(const cases::CaseState& state, const Step& step) {
    const auto* earlier = cases::newest_with_key(state, "plan." + step.id);
    if (earlier == nullptr && !step.title)
        return invalid("steps: step '" + printable(step.id) + "' is new and has no title");
    cases::Entry entry;
    entry.kind = "plan";
    entry.key = "plan." + step.id;
    entry.text = step.title.value_or(earlier == nullptr ? "" : earlier->text);
    entry.state = step.state.value_or(earlier == nullptr ? "open" : earlier->state);
    entry.evidence = step.evidence;
    json::object value;
    if (earlier != nullptr && earlier->value.is_object()) value = earlier->value.get_object();
    if (step.after) value["after"] = array_of(*step.after);
    if (step.tools) value["tools"] = array_of(*step.tools);
    entry.value = std::move(value);
    for (const auto& before : step.after.value_or(std::vector<std::string>()))
        if (before == step.id || cases::newest_with_key(state, "plan." + before) == nullptr)
            return invalid("steps: '" + printable(step.id) + "' comes after '" + printable(before) +
                               "', which is no step",
                           "set the steps in their order; a step can only come after an earlier one");
    return entry;
}

void warn_of_order(const std::vector<cases::PlanStep>& steps, Answer& answer) {
    for (const auto& step : steps)
        for (const auto& before : step.after)
            for (const auto& other : steps)
                if (step.done && other.id == before && !other.done)
                    answer.warnings.push_back("step " + step.id + " is done before " + before);
}

Result<void> move_stage(Workbench& bench, const Args& args, const cases::CaseState& state,
                        const std::string& principal, Answer& answer) {
    if (!args.stage) return {};
    cases::CaseFields changes;
    changes.stage = args.stage;
    if (auto done = bench.cases.update(args.id, changes, principal); !done) return done.error();
    if (*args.stage != "fix") return {};
    const auto missing = cases::gate_to_fix(state);
    if (missing.empty()) return {};
    if (auto done = bench.cases.write(args.id, cases::override_entry("fix", missing), principal); !done)
        return done.error();
    answer.warnings.insert(answer.warnings.end(), missing.begin(), missing.end());
    return {};
}

Result<Answer> set(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    Answer answer;
    for (const auto& step : args.steps) {
        auto state = bench.cases.find(args.id, context.principal);
        if (!state) return state.error();
        auto entry = entry_of(*state, step);
        if (!entry) return entry.error();
        const auto written = bench.cases.write(args.id, *std::move(entry), context.principal);
        if (!written) return written.error();
        const auto doubts = cases::doubts_about(*state, written->evidence);
        answer.warnings.insert(answer.warnings.end(), doubts.begin(), doubts.end());
    }
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    if (auto done = move_stage(bench, args, *state, context.principal, answer); !done) return done.error();
    answer.stage = args.stage ? args.stage : state->fields.stage;
    const auto steps = cases::steps_set(*state);
    for (const auto& step : steps) {
        answer.steps.push_back({step.id, step.title, step.state, step.after, step.runs, {}});
        if (step.runs_more > 0) answer.steps.back().evidence_more = static_cast<std::int64_t>(step.runs_more);
        if (!step.done && !answer.next) answer.next = step.id;
    }
    warn_of_order(steps, answer);
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> set_plan_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "set_plan",
        .title = "Set the plan",
        .description =
            "Sets or changes steps of the plan, a checklist in order, and the stage of the funnel. "
            "A step with tools is done once one of them answers.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .list("steps", &Args::steps,
                           Schema<Step>{}
                               .field("id", &Step::id, "")
                               .length(1, 40)
                               .field("title", &Step::title, "")
                               .length(1, 300)
                               .field("after", &Step::after, "Ids.")
                               .field("tools", &Step::tools, "")
                               .field("state", &Step::state, "")
                               .choices({"open", "doing", "done", "skipped"})
                               .field("evidence", &Step::evidence, "Run ids.")
                               .optional(),
                           "")
                     .length(0, 50)
                     .optional()
                     .field("stage", &Args::stage, "")
                     .choices({"wide", "narrow", "focused", "fix"}),
        .output = Schema<Answer>{}
                      .list("steps", &Answer::steps,
                            Schema<StepLine>{}
                                .field("id", &StepLine::id, "")
                                .field("title", &StepLine::title, "")
                                .field("state", &StepLine::state, "")
                                .field("after", &StepLine::after, "")
                                .field("evidence", &StepLine::evidence, "")
                                .field("evidence_more", &StepLine::evidence_more, "Runs not named."),
                            "")
                      .field("stage", &Answer::stage, "")
                      .field("next", &Answer::next, "")
                      .field("warnings", &Answer::warnings, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return set(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
