// update_case: tells the case more, or moves its status.

#include "tools/case/case_fields.h"
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
    std::vector<std::string> questions;
};

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
        .field("metadata", &CaseFields::metadata, "Any JSON object.");
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
                      .field("questions", &Answer::questions, "Still unanswered."),
        .run = [&bench](const Args& args, mcp::CallContext& context) -> Result<Answer> {
            auto state = bench.cases.update(args.id, args.fields, context.principal);
            if (!state) return state.error();
            return Answer{.id = state->id,
                          .status = state->status(),
                          .fields = cases::write_fields(state->fields),
                          .questions = state->questions()};
        },
        .read_only = false,
    });
}

}  // namespace casefile::tools::case_record
