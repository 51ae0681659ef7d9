// write_log: keeps what was thought: notes, steps, hypotheses, findings, decisions, with the runs that carry
// them.

#include "base/text.h"
#include "cases/milestones.h"
#include "cases/told.h"
#include "cases/vocabulary.h"
#include "tools/case/tools.h"
#include "tools/environment/grants.h"

namespace casefile::tools::case_record {
namespace {

struct Args {
    std::string id, kind, text;
    std::optional<std::string> key, state;
    json::value value;
    std::vector<std::string> evidence;
};

struct Answer {
    std::int64_t n = 0;
    std::string at, kind, key, text, state;
    std::vector<std::string> evidence;
    std::optional<std::string> warning;
};

Result<Answer> write(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    if (args.kind == "hypothesis" && !args.key)
        return invalid("key: expected a name for the hypothesis, got none",
                       "give it a short key such as h1; write it again under that key to change its state");
    if (args.key == declined_key)
        return invalid("key: '" + std::string(declined_key) + "' is kept for what a human answered",
                       "choose another key");
    if (args.state && args.kind != "hypothesis")
        return invalid("state: only a hypothesis has a state, got kind " + args.kind);
    cases::Entry entry;
    entry.kind = args.kind;
    entry.text = args.text;
    entry.key = args.key.value_or("");
    if (args.kind == "hypothesis") entry.state = cases::hypothesis_state(args.state.value_or("open"));
    entry.value = args.value;
    entry.evidence = args.evidence;
    auto written = bench.cases.write(args.id, std::move(entry), context.principal);
    if (!written) return written.error();
    Answer answer{.n = static_cast<std::int64_t>(written->n),
                  .at = written->at,
                  .kind = written->kind,
                  .key = written->key,
                  .text = written->text,
                  .state = written->state,
                  .evidence = written->evidence,
                  .warning = std::nullopt};
    auto warnings = cases::doubts_about(*state, written->evidence);
    if (written->kind == "finding" && cases::runs_with_data(*state, written->evidence).empty())
        warnings.emplace_back(written->evidence.empty()
                                  ? "this finding cites no run; write-ups will list it as uncited"
                                  : "write-ups will list this finding as uncited");
    if (written->kind == "hypothesis") {
        state = bench.cases.find(args.id, context.principal);
        if (!state) return state.error();
        if (const auto bare = cases::warning_of_verdict(*state, written->key)) warnings.push_back(*bare);
    }
    if (const auto ahead = cases::warning_of_time_ahead(*written, bench.clock.now()))
        warnings.push_back(*ahead);
    if (!warnings.empty()) answer.warning = join(warnings, "; ");
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> write_log_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "write_log",
        .title = "Write to the log",
        .description =
            "Files a note, step, hypothesis, finding or decision, citing runs. Same key again changes a "
            "hypothesis. Keys that write-ups use: impact, workaround, eta, data_correction, detection_gap, "
            "action.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("kind", &Args::kind, "")
                     .choices({"note", "step", "hypothesis", "finding", "decision"})
                     .field("text", &Args::text, "")
                     .length(1, 20'000)
                     .field("key", &Args::key, "")
                     .length(1, 80)
                     .field("value", &Args::value, "Any JSON.")
                     .optional()
                     .field("evidence", &Args::evidence, "Runs.")
                     .length(0, 100)
                     .optional()
                     .field("state", &Args::state, "Of a hypothesis.")
                     .choices({"open", "supported", "refuted", "set_aside"}),
        .output = Schema<Answer>{}
                      .field("n", &Answer::n, "")
                      .field("at", &Answer::at, "")
                      .field("kind", &Answer::kind, "")
                      .field("key", &Answer::key, "")
                      .field("text", &Answer::text, "")
                      .field("state", &Answer::state, "")
                      .field("evidence", &Answer::evidence, "")
                      .field("warning", &Answer::warning, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return write(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::case_record
