// verify_evidence: proves the case's files against its chain, or names the first break.

#include "tools/evidence/tools.h"

namespace casefile::tools::evidence_record {
namespace {

struct Args {
    std::string id;
};

struct FirstBreak {
    std::string kind, where, what;
};

struct Answer {
    bool ok = false;
    std::int64_t records = 0, runs = 0, files = 0;
    std::string head, key_fingerprint;
    std::vector<std::string> open_runs, interrupted, pruned, not_proved;
    std::optional<FirstBreak> first_break;
};

constexpr std::size_t pruned_max = 20;

/// The first few, and how many more there are.
std::vector<std::string> shown(std::vector<std::string> lines) {
    if (lines.size() <= pruned_max) return lines;
    const auto more = lines.size() - pruned_max;
    lines.resize(pruned_max);
    lines.push_back("and " + std::to_string(more) + " more; casefile verify lists all");
    return lines;
}

Result<Answer> verify(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto found = bench.cases.verify(args.id, context.principal);
    if (!found) return found.error();
    Answer answer{.ok = found->ok,
                  .records = static_cast<std::int64_t>(found->records),
                  .runs = static_cast<std::int64_t>(found->runs),
                  .files = static_cast<std::int64_t>(found->files),
                  .head = found->head.hash,
                  .key_fingerprint = found->head.key_fingerprint,
                  .open_runs = found->open_runs,
                  .interrupted = found->interrupted,
                  .pruned = shown(found->pruned),
                  .not_proved = found->not_proved,
                  .first_break = std::nullopt};
    if (found->first_break)
        answer.first_break = {found->first_break->kind, found->first_break->where, found->first_break->what};
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> verify_evidence_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "verify_evidence",
        .title = "Verify the evidence",
        .description = "Checks every file of a case against its signed chain; names the first break and what "
                       "cannot be proved.",
        .input = Schema<Args>{}.field("case", &Args::id, ""),
        .output = Schema<Answer>{}
                      .field("ok", &Answer::ok, "")
                      .field("records", &Answer::records, "")
                      .field("runs", &Answer::runs, "")
                      .field("files", &Answer::files, "")
                      .field("head", &Answer::head, "Keep it: it anchors the chain.")
                      .field("key_fingerprint", &Answer::key_fingerprint, "")
                      .field("open_runs", &Answer::open_runs, "")
                      .field("interrupted", &Answer::interrupted, "")
                      .field("pruned", &Answer::pruned, "")
                      .field("not_proved", &Answer::not_proved, "")
                      .object("first_break", &Answer::first_break,
                              Schema<FirstBreak>{}
                                  .field("kind", &FirstBreak::kind, "")
                                  .field("where", &FirstBreak::where, "")
                                  .field("what", &FirstBreak::what, ""),
                              ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return verify(bench, args, context); },
    });
}

}  // namespace casefile::tools::evidence_record
