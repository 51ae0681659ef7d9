// update_case: tells the case more, or moves its status.

#include "cases/documents.h"
#include "cases/gates.h"
#include "cases/pattern.h"
#include "cases/told.h"
#include "tools/case/case_fields.h"
#include "tools/case/intake.h"
#include "tools/case/tools.h"

namespace casefile::tools::case_record {
namespace {

struct Args {
    std::string id;
    CaseFields fields;
};

struct Answer {
    std::string id, status;
    json::object fields;
    std::vector<std::string> questions, warnings;
};

/// What a case leaves by itself: resolved, a pattern that a person may keep; closed, a draft of a runbook.
Result<void> leave(Workbench& bench, const cases::CaseState& state, const std::string& principal) {
    if (state.status() == "resolved") {
        auto pattern = cases::pattern_of(state);
        if (!pattern || cases::newest_with_key(state, "pattern") != nullptr) return {};
        pattern->state = "proposed";
        if (auto done = bench.cases.write(state.id, *std::move(pattern), principal); !done)
            return done.error();
    }
    if (state.status() == "closed") {
        const auto runbook = cases::document(state, "runbook", bench.cases.store().key().fingerprint());
        if (!runbook) return runbook.error();
        if (auto done = bench.cases.file_draft(state.id, "runbook", runbook->text, principal); !done)
            return done.error();
    }
    return {};
}

/// A gate warns of what is missing for the new status; that the case went on all the same is recorded.
Result<Answer> update(Workbench& bench, const Args& args, const std::string& principal) {
    Answer answer;
    const auto& status = args.fields.status;
    bool moved = false;
    if (status) {
        const auto before = bench.cases.find(args.id, principal);
        if (!before) return before.error();
        moved = before->status() != *status;
        if (moved) answer.warnings = cases::gate_to_status(*before, *status);
    }
    auto state = bench.cases.update(args.id, args.fields, principal);
    if (!state) return state.error();
    if (!answer.warnings.empty())
        if (auto done =
                bench.cases.write(args.id, cases::override_entry(*status, answer.warnings), principal);
            !done)
            return done.error();
    if (moved)
        if (auto done = leave(bench, *state, principal); !done) return done.error();
    answer.id = state->id;
    answer.status = state->status();
    answer.fields = cases::write_fields(state->fields);
    answer.questions = open_questions(bench, *state);
    return answer;
}

Schema<CaseFields> changes_schema() {
    return with_intake(Schema<CaseFields>{}.field("topic", &CaseFields::topic, "").length(1, 200))
        .field("status", &CaseFields::status, "")
        .choices({"open", "investigating", "identified", "mitigated", "resolved", "closed"})
        .field("root_cause", &CaseFields::root_cause, "Cite runs in write_log.")
        .length(1, 10'000)
        .field("impact", &CaseFields::impact, "")
        .length(1, 10'000)
        .field("tags", &CaseFields::tags, "")
        .length(0, 50)
        .field("metadata", &CaseFields::metadata, "");
}

}  // namespace

std::unique_ptr<mcp::Tool> update_case_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "update_case",
        .title = "Update a case",
        .description = "Changes fields of a case, or moves its status.",
        .input = Schema<Args>{}.field("case", &Args::id, "").inlined(&Args::fields, changes_schema()),
        .output = Schema<Answer>{}
                      .field("case", &Answer::id, "")
                      .field("status", &Answer::status, "")
                      .field("fields", &Answer::fields, "")
                      .field("questions", &Answer::questions, "Still unanswered.")
                      .field("warnings", &Answer::warnings, "Missing for this status."),
        .run = [&bench](const Args& args,
                        mcp::CallContext& context) { return update(bench, args, context.principal); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::case_record
