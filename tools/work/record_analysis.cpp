// record_analysis: keeps what a model or a person concluded from the evidence, if every claim cites runs, and
// brings it into the record: root cause, factors, fixes, status.

#include "base/text.h"
#include "cases/told.h"
#include "cases/vocabulary.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

/// From this confidence on the case counts as identified.
constexpr double confidence_min = 0.7;

struct Claim {
    std::string claim;
    std::vector<std::string> runs;
};

struct Fix {
    std::string title;
    std::optional<std::string> description, risk, verification, patch;
};

struct Analysis {
    std::string root_cause;
    double confidence = 0;
    std::vector<Claim> because;
    std::vector<std::string> contributing_factors, refuted, unknown;
    std::optional<std::string> impact;
    std::vector<Fix> fixes;
};

struct Args {
    std::string id, model;
    std::optional<std::int64_t> tokens;
    json::value analysis;
};

struct Answer {
    std::string status, root_cause;
    std::vector<std::string> fixes, warnings;
};

Schema<Analysis> analysis_schema() {
    return Schema<Analysis>{}
        .field("root_cause", &Analysis::root_cause, "")
        .length(1, 4'000)
        .field("confidence", &Analysis::confidence, "")
        .range(0, 1)
        .list("because", &Analysis::because,
              Schema<Claim>{}
                  .field("claim", &Claim::claim, "")
                  .length(1, 2'000)
                  .field("runs", &Claim::runs, "")
                  .length(1, 50),
              "")
        .length(1, 50)
        .field("contributing_factors", &Analysis::contributing_factors, "")
        .optional()
        .field("refuted", &Analysis::refuted, "")
        .optional()
        .field("unknown", &Analysis::unknown, "")
        .optional()
        .field("impact", &Analysis::impact, "")
        .list("fixes", &Analysis::fixes,
              Schema<Fix>{}
                  .field("title", &Fix::title, "")
                  .field("description", &Fix::description, "")
                  .field("risk", &Fix::risk, "")
                  .field("verification", &Fix::verification, "")
                  .field("patch", &Fix::patch, ""),
              "")
        .length(0, 20)
        .optional();
}

Result<cases::CaseState> record(Workbench& bench, const Args& args, const Analysis& analysis,
                                const std::string& principal, Answer& answer) {
    const auto write = [&](cases::Entry entry) {
        return bench.cases.write(args.id, std::move(entry), principal);
    };
    cases::Entry whole;
    whole.kind = "analysis";
    whole.text = analysis.root_cause;
    for (const auto& claim : analysis.because)
        whole.evidence.insert(whole.evidence.end(), claim.runs.begin(), claim.runs.end());
    whole.value =
        json::object{{"model", args.model}, {"tokens", args.tokens.value_or(0)}, {"analysis", args.analysis}};
    // The whole comes first: it refuses a run that this case does not have.
    auto written = write(whole);
    if (!written) return written.error();
    cases::Entry cause;
    cause.kind = "finding";
    cause.key = "root_cause";
    cause.text = analysis.root_cause;
    cause.evidence = written->evidence;
    if (auto done = write(cause); !done) return done.error();
    for (const auto& factor : analysis.contributing_factors) {
        cases::Entry entry;
        entry.kind = "finding";
        entry.key = "contributing_factor." + slug(factor, 60);
        entry.text = factor;
        entry.evidence = written->evidence;
        if (auto done = write(entry); !done) return done.error();
    }
    for (const auto& fix : analysis.fixes) {
        cases::Entry entry;
        entry.kind = "fix";
        entry.key = "fix." + slug(fix.title, 60);
        entry.text = fix.title;
        entry.state = "proposed";
        entry.value = json::object{{"description", fix.description.value_or("")},
                                   {"risk", fix.risk.value_or("")},
                                   {"verification", fix.verification.value_or("")},
                                   {"patch", fix.patch.value_or("")}};
        if (auto done = write(entry); !done) return done.error();
        answer.fixes.push_back(entry.key.substr(4));
    }
    cases::CaseFields changes;
    changes.root_cause = analysis.root_cause;
    if (analysis.impact) changes.impact = analysis.impact;
    auto state = bench.cases.find(args.id, principal);
    if (!state) return state.error();
    answer.warnings = cases::doubts_about(*state, written->evidence);
    const bool sure = analysis.confidence >= confidence_min;
    if (sure && !cases::is_past_finding(state->status())) changes.status = "identified";
    return bench.cases.update(args.id, changes, principal);
}

Result<Answer> take(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    if (args.analysis.is_string())
        return invalid(
            "analysis: expected a JSON object with root_cause, confidence and because[] {claim, "
            "runs[]}, got free text",
            "the prompt root_cause shows the shape; plain thoughts go into write_log");
    auto analysis = analysis_schema().parse(args.analysis, "analysis");
    if (!analysis) return analysis.error();
    Answer answer;
    auto state = record(bench, args, *analysis, context.principal, answer);
    if (!state) return state.error();
    answer.status = state->status();
    answer.root_cause = analysis->root_cause;
    if (analysis->confidence < confidence_min)
        answer.warnings.push_back("confidence below 0.7: the status stays " + answer.status);
    for (const auto& one : analysis->unknown) answer.warnings.push_back("unknown: " + one);
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> record_analysis_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "record_analysis",
        .title = "Record an analysis",
        .description = "Keeps an analysis {root_cause, confidence, because[] {claim, runs[]}, "
                       "contributing_factors[], impact, unknown[], fixes[] {title, risk, verification}}; "
                       "updates cause, fixes, status.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("model", &Args::model, "Who analysed.")
                     .length(1, 100)
                     .field("tokens", &Args::tokens, "")
                     .range(0, 1'000'000'000)
                     .field("analysis", &Args::analysis, ""),
        .output = Schema<Answer>{}
                      .field("status", &Answer::status, "")
                      .field("root_cause", &Answer::root_cause, "")
                      .field("fixes", &Answer::fixes, "")
                      .field("warnings", &Answer::warnings, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return take(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
