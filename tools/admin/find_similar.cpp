// find_similar: earlier cases like this one, by the signature of the error and by words.

#include "base/text.h"
#include "cases/signature.h"
#include "cases/slo.h"
#include "tools/admin/tools.h"

namespace casefile::tools::admin {
namespace {

constexpr std::size_t similar_max = 10;

struct Args {
    std::optional<std::string> id, error;
};

struct Line {
    std::string id, topic, status, score, cause, fix;
    bool same_signature = false;
    std::vector<std::string> shared;
};

struct Answer {
    std::string signature;
    std::vector<Line> cases;
};

Result<Answer> find(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    if (!args.id && !args.error) return invalid("find_similar: expected case or error");
    cases::CaseState state;
    if (args.id) {
        auto found = bench.cases.find(*args.id, context.principal);
        if (!found) return found.error();
        state = *std::move(found);
    }
    if (args.error) {
        if (!state.fields.framing) state.fields.framing.emplace();
        (*state.fields.framing)["error_sample"] = *args.error;
    }
    const auto similar = bench.cases.similar(state, context.principal, similar_max);
    if (!similar) return similar.error();
    Answer answer{cases::signature_of(state), {}};
    for (const auto& one : *similar)
        answer.cases.push_back({one.id, shorten(one.topic, 120), one.status, cases::number_text(one.score, 2),
                                one.cause, one.fix, one.same_signature, one.shared});
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> find_similar_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "find_similar",
        .title = "Find similar cases",
        .description = "Finds earlier cases like this case or error, nearest first, with cause and fix.",
        .input =
            Schema<Args>{}.field("case", &Args::id, "").field("error", &Args::error, "").length(1, 20'000),
        .output = Schema<Answer>{}
                      .field("signature", &Answer::signature, "")
                      .list("cases", &Answer::cases,
                            Schema<Line>{}
                                .field("case", &Line::id, "")
                                .field("topic", &Line::topic, "")
                                .field("status", &Line::status, "")
                                .field("score", &Line::score, "")
                                .field("same_signature", &Line::same_signature, "")
                                .field("shared", &Line::shared, "Words.")
                                .field("cause", &Line::cause, "")
                                .field("fix", &Line::fix, ""),
                            ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return find(bench, args, context); },
    });
}

}  // namespace casefile::tools::admin
