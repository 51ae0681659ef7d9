// draft_document: messages, the report in boxes, prevention, runbook, pull request with its patch, and the
// correction of data: drafts for people.

#include "base/text.h"
#include "cases/documents.h"
#include "cases/told.h"
#include "tools/work/diff_found.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

struct Args {
    std::string id, kind;
    std::optional<std::string> run, fix;
};

struct Answer {
    std::string kind, file, text;
    std::optional<std::string> patch_file;
    std::vector<std::string> uncited, missing;
};

std::string draft_name(std::string kind) {
    std::replace(kind.begin(), kind.end(), '_', '-');
    return kind;
}

Result<cases::Draft> write(Workbench& bench, const Args& args, const cases::CaseState& state) {
    const auto& key = bench.cases.store().key().fingerprint();
    if (args.kind == "pull_request") return cases::pull_request(state, args.fix.value_or(""), key);
    if (args.kind != "data_correction") return cases::document(state, args.kind, key);
    auto found = read_diff(bench, state, args.run.value_or(""));
    if (!found) return found.error();
    return cases::data_correction(state, *found, key);
}

/// The patch of the fix that a pull request speaks of, as a file of its own for git apply.
Result<std::optional<std::string>> file_patch(Workbench& bench, const Args& args,
                                              const cases::CaseState& state, const std::string& principal) {
    for (const auto& fix : cases::newest_of(state, "fix")) {
        if (args.fix && fix.key != "fix." + *args.fix) continue;
        auto patch = cases::member_of(fix, "patch");
        if (patch.empty()) return {std::nullopt};
        if (!patch.ends_with('\n')) patch += '\n';
        auto file = bench.cases.file_draft(args.id, slug(fix.key.substr(4), 30), patch, principal, "patch");
        if (!file) return file.error();
        return {file->path.string()};
    }
    return {std::nullopt};
}

Result<Answer> draft(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    auto written = write(bench, args, *state);
    if (!written) return written.error();
    std::optional<std::string> patch_file;
    if (args.kind == "pull_request") {
        auto filed = file_patch(bench, args, *state, context.principal);
        if (!filed) return filed.error();
        patch_file = *std::move(filed);
    }
    auto file = bench.cases.file_draft(args.id, draft_name(args.kind), written->text, context.principal);
    if (!file) return file.error();
    return Answer{.kind = args.kind,
                  .file = file->path.string(),
                  .text = std::move(file->text),
                  .patch_file = std::move(patch_file),
                  .uncited = std::move(written->uncited),
                  .missing = std::move(written->missing)};
}

}  // namespace

std::unique_ptr<mcp::Tool> draft_document_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "draft_document",
        .title = "Draft a document",
        .description =
            "Drafts a document from the record, for people to send or run. data_correction needs a "
            "diff run, pull_request a fix, whose patch becomes a file.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("kind", &Args::kind, "")
                     .choices(cases::document_kinds())
                     .field("run", &Args::run, "The diff; the newest if left out.")
                     .field("fix", &Args::fix, "Its key."),
        .output = Schema<Answer>{}
                      .field("kind", &Answer::kind, "")
                      .field("file", &Answer::file, "")
                      .field("text", &Answer::text, "")
                      .field("patch_file", &Answer::patch_file, "")
                      .field("uncited", &Answer::uncited, "")
                      .field("missing", &Answer::missing, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return draft(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
