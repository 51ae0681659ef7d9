// set_hypothesis: a cause that is possible, how likely it is, what would confirm and refute it, and how it
// stands.

#include "base/text.h"
#include "cases/told.h"
#include "cases/vocabulary.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

struct Args {
    std::string id, key;
    std::optional<std::string> text, confirms, refutes, state;
    std::optional<std::int64_t> rank;
    std::optional<double> probability;
    std::vector<std::string> evidence;
};

struct Line {
    std::string key, text, state;
    std::optional<std::string> rank, probability, confirms, refutes;
    std::vector<std::string> evidence, history;
};

struct Answer {
    std::vector<Line> hypotheses;
    std::vector<std::string> warnings;
};

std::optional<std::string> told_member(const cases::Entry& entry, const char* name) {
    auto text = cases::member_of(entry, name);
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

/// "2026-11-22T14:02:03.100Z open", one for each change of state.
std::vector<std::string> history_of(const cases::CaseState& state, const std::string& key) {
    std::vector<std::string> history;
    std::string last;
    for (const auto& entry : state.entries) {
        if (entry.kind != "hypothesis" || entry.key != key || entry.state == last) continue;
        history.push_back(entry.at + " " + entry.state);
        last = entry.state;
    }
    return history;
}

Result<Answer> set(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    cases::Entry entry;
    entry.kind = "hypothesis";
    entry.key = args.key;
    entry.text = args.text.value_or("");
    entry.evidence = args.evidence;
    json::object value;
    if (args.rank) value["rank"] = *args.rank;
    if (args.probability) value["probability"] = *args.probability;
    if (args.confirms) value["confirms"] = *args.confirms;
    if (args.refutes) value["refutes"] = *args.refutes;
    if (!value.empty()) entry.value = std::move(value);

    auto before = bench.cases.find(args.id, context.principal);
    if (!before) return before.error();
    const auto* earlier = cases::newest_with_key(*before, args.key);
    if (earlier == nullptr && trim(entry.text).empty())
        return invalid("text: expected what the hypothesis says, got nothing");
    entry.state = cases::hypothesis_state(args.state.value_or(earlier == nullptr ? "open" : earlier->state));
    const auto written = bench.cases.write(args.id, std::move(entry), context.principal);
    if (!written) return written.error();

    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    Answer answer;
    answer.warnings = cases::doubts_about(*state, written->evidence);
    if (const auto bare = cases::warning_of_verdict(*state, args.key)) answer.warnings.push_back(*bare);
    for (const auto& one : cases::hypotheses(*state)) {
        answer.hypotheses.push_back({one.key, one.text, one.state, told_member(one, "rank"),
                                     told_member(one, "probability"), told_member(one, "confirms"),
                                     told_member(one, "refutes"), one.evidence, history_of(*state, one.key)});
        if (one.key == args.key && cases::member_of(one, "refutes").empty())
            answer.warnings.push_back("refutes: what would refute " + one.key + "?");
    }
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> set_hypothesis_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "set_hypothesis",
        .title = "Set a hypothesis",
        .description = "Writes or changes a hypothesis; what is left out stays.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("key", &Args::key, "For example h1.")
                     .length(1, 80)
                     .field("text", &Args::text, "")
                     .length(1, 2'000)
                     .field("rank", &Args::rank, "1 first.")
                     .range(1, 100)
                     .field("probability", &Args::probability, "")
                     .range(0, 1)
                     .field("confirms", &Args::confirms, "What would confirm it.")
                     .field("refutes", &Args::refutes, "")
                     .field("state", &Args::state, "")
                     .choices({"open", "supported", "refuted", "set_aside"})
                     .field("evidence", &Args::evidence, "Run ids.")
                     .optional(),
        .output = Schema<Answer>{}
                      .list("hypotheses", &Answer::hypotheses,
                            Schema<Line>{}
                                .field("key", &Line::key, "")
                                .field("text", &Line::text, "")
                                .field("state", &Line::state, "")
                                .field("rank", &Line::rank, "")
                                .field("probability", &Line::probability, "")
                                .field("confirms", &Line::confirms, "")
                                .field("refutes", &Line::refutes, "")
                                .field("evidence", &Line::evidence, "")
                                .field("history", &Line::history, ""),
                            "By rank.")
                      .field("warnings", &Answer::warnings, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return set(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
