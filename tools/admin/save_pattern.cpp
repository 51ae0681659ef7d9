// save_pattern: what a case teaches, under the signature of its error, so that the next one finds it.

#include "base/text.h"
#include "cases/pattern.h"
#include "cases/told.h"
#include "tools/admin/tools.h"

namespace casefile::tools::admin {
namespace {

struct Args {
    std::string id;
    std::optional<std::string> cause, fix;
};

struct Answer {
    std::string signature, cause, fix;
    std::vector<std::string> evidence;
};

Result<Answer> save(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    const auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    auto entry = cases::pattern_of(*state, args.cause, args.fix);
    if (!entry)
        return invalid("cause: the case tells no root cause yet", "update_case root_cause, or give cause");
    Answer answer{entry->text, cases::member_of(*entry, "cause"), cases::member_of(*entry, "fix"),
                  entry->evidence};
    if (auto done = bench.cases.write(args.id, *std::move(entry), context.principal); !done)
        return done.error();
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> save_pattern_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "save_pattern",
        .title = "Save a pattern",
        .description = "Keeps signature, cause and fix of a case; what is left out comes from the record.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("cause", &Args::cause, "")
                     .length(1, 2'000)
                     .field("fix", &Args::fix, "")
                     .length(1, 2'000),
        .output = Schema<Answer>{}
                      .field("signature", &Answer::signature, "")
                      .field("cause", &Answer::cause, "")
                      .field("fix", &Answer::fix, "")
                      .field("evidence", &Answer::evidence, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return save(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::admin
