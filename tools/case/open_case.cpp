// open_case: begins an investigation. Its id is the handle that every data tool takes.

#include "cases/inspect_log.h"
#include "tools/case/case_fields.h"
#include "tools/case/tools.h"

namespace casefile::tools::case_record {
namespace {

struct Answer {
    std::string id;
    std::vector<std::string> questions;
    std::string log;
};

}  // namespace

std::unique_ptr<mcp::Tool> open_case_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<CaseFields, Answer>{
        .name = "open_case",
        .title = "Open a case",
        .description = "Opens an investigation and gives its id, which every data tool takes. Ask the user "
                       "what is still "
                       "listed under questions; never make answers up.",
        .input = with_intake(Schema<CaseFields>{}
                                 .field("topic", &CaseFields::topic, "One line: what is wrong.")
                                 .length(1, 200)
                                 .required()),
        .output = Schema<Answer>{}
                      .field("case", &Answer::id, "")
                      .field("questions", &Answer::questions, "Still unanswered.")
                      .field("log", &Answer::log, "The inspect log."),
        .run = [&bench](const CaseFields& fields, mcp::CallContext& context) -> Result<Answer> {
            auto state = bench.cases.open(fields, context.principal);
            if (!state) return state.error();
            return Answer{
                .id = state->id,
                .questions = state->questions(),
                .log =
                    (bench.cases.store().case_folder(state->id) / cases::inspect_file_name(*state)).string()};
        },
        .read_only = false,
    });
}

}  // namespace casefile::tools::case_record
