// next_step: which step of the severity's workflow comes next, by the evidence on file.

#include "cases/workflow.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

struct Args {
    std::optional<std::string> id, severity;
    std::vector<std::string> done;
};

struct Line {
    std::string id, persona, title, how, state;
    bool recorded = false;
};

struct Answer {
    std::string route, prompt;
    std::optional<std::string> next, how, advice;
    std::vector<Line> steps;
};

Answer answer_of(const cases::Workflow& workflow) {
    Answer answer{workflow.route, workflow.prompt, {}, {}, {}, {}};
    for (const auto& step : workflow.steps)
        answer.steps.push_back({step.id, step.persona, step.title, step.how, step.state, step.recorded});
    if (const auto* next = workflow.next()) {
        answer.next = next->id + " " + next->title;
        answer.how = next->how;
    }
    return answer;
}

void advise(Workbench& bench, const cases::CaseState& state, const cases::Workflow& workflow,
            Answer& answer) {
    const auto* next = workflow.next();
    if (next == nullptr) {
        answer.advice = "nothing is left of this workflow";
        return;
    }
    const auto time = cases::stage_time(state, *next, bench.clock.now());
    answer.advice = "stage " + time.persona + ": " + std::to_string(time.minutes_so_far) + " min, expected " +
                    std::to_string(time.minutes_min) + " to " + std::to_string(time.minutes_max);
    if (time.minutes_so_far > time.minutes_max) *answer.advice += "; over it: consider to escalate";
    if (next->recorded) *answer.advice += "; people or other tools do this step, record what came of it";
}

Result<Answer> tell(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    if (!args.id) {
        auto workflow = cases::workflow_of(args.severity.value_or(""));
        for (auto& step : workflow.steps)
            if (std::find(args.done.begin(), args.done.end(), step.id) != args.done.end())
                step.state = "done";
        return answer_of(workflow);
    }
    auto state = bench.cases.find(*args.id, context.principal);
    if (!state) return state.error();
    if (args.severity) state->fields.severity = args.severity;
    auto workflow = cases::workflow_of(*state);
    for (auto& step : workflow.steps)
        if (std::find(args.done.begin(), args.done.end(), step.id) != args.done.end()) step.state = "done";
    auto answer = answer_of(workflow);
    advise(bench, *state, workflow, answer);
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> next_step_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "next_step",
        .title = "Next step",
        .description = "Tells the workflow of a severity and its next step, by what the case has on file.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("severity", &Args::severity, "P2 if none or unknown.")
                     .field("done", &Args::done, "Ids of steps.")
                     .optional(),
        .output = Schema<Answer>{}
                      .field("route", &Answer::route, "")
                      .field("prompt", &Answer::prompt, "")
                      .field("next", &Answer::next, "")
                      .field("how", &Answer::how, "")
                      .field("advice", &Answer::advice, "")
                      .list("steps", &Answer::steps,
                            Schema<Line>{}
                                .field("id", &Line::id, "")
                                .field("persona", &Line::persona, "")
                                .field("title", &Line::title, "")
                                .field("how", &Line::how, "")
                                .field("state", &Line::state, "")
                                .field("recorded", &Line::recorded, ""),
                            ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return tell(bench, args, context); },
    });
}

}  // namespace casefile::tools::work
