// open_case: begins an investigation. Its id is the handle that every data tool takes.

#include "base/text.h"
#include "cases/inspect_log.h"
#include "tools/case/case_fields.h"
#include "tools/case/intake.h"
#include "tools/case/tools.h"

namespace casefile::tools::case_record {
namespace {

struct Answer {
    std::string id;
    std::vector<std::string> questions, similar;
    std::string log;
};

/// "INC-2026-11-22-001 wrong prices (resolved): same signature; cause: …", at most three.
std::vector<std::string> similar_to(Workbench& bench, const cases::CaseState& state,
                                    const std::string& principal) {
    constexpr std::size_t similar_max = 3;
    std::vector<std::string> lines;
    const auto found = bench.cases.similar(state, principal, similar_max);
    if (!found) return lines;
    for (const auto& one : *found) {
        // Two words of a topic are no likeness.
        if (!one.same_signature && one.shared.size() < 3) continue;
        auto line = one.id + " " + shorten(one.topic, 100) + " (" + one.status + "): ";
        line += one.same_signature ? "same signature" : "shares " + join(one.shared, ", ");
        if (!one.cause.empty()) line += "; cause: " + shorten(one.cause, 150);
        if (!one.fix.empty()) line += "; fix: " + shorten(one.fix, 150);
        lines.push_back(std::move(line));
    }
    return lines;
}

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
                      .field("similar", &Answer::similar, "Earlier cases.")
                      .field("log", &Answer::log, "The inspect log."),
        .run = [&bench](const CaseFields& told, mcp::CallContext& context) -> Result<Answer> {
            auto state = bench.cases.open(with_answers(told, context), context.principal);
            if (!state) return state.error();
            return Answer{
                .id = state->id,
                .questions = open_questions(bench, *state),
                .similar = similar_to(bench, *state, context.principal),
                .log =
                    (bench.cases.store().case_folder(state->id) / cases::inspect_file_name(*state)).string()};
        },
        .read_only = false,
        .ask = ask_for_missing,
    });
}

}  // namespace casefile::tools::case_record
