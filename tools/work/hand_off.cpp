// hand_off: gives the case to the next person or stage, with what is open and what stands behind what is
// known.

#include "base/text.h"
#include "cases/told.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

constexpr std::size_t items_max = 10;

struct Args {
    std::string id, to;
    std::optional<std::string> text, from;
};

struct Answer {
    std::string to, note, prompt;
    std::vector<std::string> questions, hypotheses, evidence;
};

void add_evidence(Answer& answer, const std::vector<std::string>& runs) {
    for (const auto& run : runs)
        if (answer.evidence.size() < items_max &&
            std::find(answer.evidence.begin(), answer.evidence.end(), run) == answer.evidence.end())
            answer.evidence.push_back(run);
}

Answer summary_of(const cases::CaseState& state) {
    Answer answer;
    for (const auto& one : cases::told(state, "open_question")) answer.questions.push_back(one.text);
    for (auto& question : state.questions()) answer.questions.push_back(std::move(question));
    for (const auto& one : cases::hypotheses(state)) {
        if (one.state != "open" && one.state != "supported") continue;
        answer.hypotheses.push_back(one.key + " (" + one.state + "): " + shorten(one.text, 200));
        add_evidence(answer, one.evidence);
    }
    for (const auto& one : cases::findings(state)) add_evidence(answer, one.evidence);
    if (answer.questions.size() > items_max) answer.questions.resize(items_max);
    if (answer.hypotheses.size() > items_max) answer.hypotheses.resize(items_max);
    return answer;
}

json::array array_of(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

Result<Answer> hand(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    auto answer = summary_of(*state);
    answer.to = args.to;
    answer.prompt = "persona_" + args.to;
    answer.note = args.text.value_or("to " + args.to);
    if (!answer.hypotheses.empty()) answer.note += "; hypotheses: " + join(answer.hypotheses, " | ");
    if (!answer.questions.empty()) answer.note += "; open: " + join(answer.questions, " | ");
    cases::Entry entry;
    entry.kind = "handoff";
    entry.key = "handoff." + args.to;
    entry.text = shorten(answer.note, 4'000);
    entry.evidence = answer.evidence;
    entry.value = json::object{{"to", args.to},
                               {"from", args.from.value_or("")},
                               {"questions", array_of(answer.questions)},
                               {"hypotheses", array_of(answer.hypotheses)}};
    if (auto done = bench.cases.write(args.id, std::move(entry), context.principal); !done)
        return done.error();
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> hand_off_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "hand_off",
        .title = "Hand over",
        .description = "Hands the case to the next role with hypotheses, open questions and run ids.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("to", &Args::to, "")
                     .choices({"observability", "backend", "devops"})
                     .field("from", &Args::from, "Who hands over.")
                     .length(1, 100)
                     .field("text", &Args::text, "What the next one should know first.")
                     .length(1, 2'000),
        .output = Schema<Answer>{}
                      .field("to", &Answer::to, "")
                      .field("note", &Answer::note, "")
                      .field("prompt", &Answer::prompt, "")
                      .field("questions", &Answer::questions, "")
                      .field("hypotheses", &Answer::hypotheses, "")
                      .field("evidence", &Answer::evidence, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return hand(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
