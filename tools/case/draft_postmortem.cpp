// draft_postmortem: the write-ups, made from the record, with what they cannot cite and what the case does
// not tell.

#include "cases/write_up.h"
#include "tools/case/tools.h"

namespace casefile::tools::case_record {
namespace {

struct Args {
    std::string id, kind;
};

struct Answer {
    std::string kind, file, text;
    std::vector<std::string> uncited, missing;
};

Result<Answer> draft(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    auto written = cases::write_up(*state, args.kind, bench.cases.store().key().fingerprint());
    if (!written) return written.error();
    auto file = bench.cases.file_draft(args.id, args.kind, written->text, context.principal);
    if (!file) return file.error();
    return Answer{.kind = args.kind,
                  .file = file->path.string(),
                  .text = std::move(file->text),
                  .uncited = std::move(written->uncited),
                  .missing = std::move(written->missing)};
}

}  // namespace

std::unique_ptr<mcp::Tool> draft_postmortem_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "draft_postmortem",
        .title = "Draft a write-up",
        .description = "Drafts the teammate summary, leader's page, postmortem or report from the record. "
                       "Fill what is missing with write_log or update_case, cite what is uncited.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("kind", &Args::kind, "")
                     .choices({"teammate", "leader", "postmortem", "report"}),
        .output = Schema<Answer>{}
                      .field("kind", &Answer::kind, "")
                      .field("file", &Answer::file, "")
                      .field("text", &Answer::text, "")
                      .field("uncited", &Answer::uncited, "Without data behind them.")
                      .field("missing", &Answer::missing, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return draft(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::case_record
