// list_cases: the cases that the caller may see, by status, severity, tag and words.

#include "base/text.h"
#include "tools/admin/tools.h"
#include "tools/unread_cases.h"

namespace casefile::tools::admin {
namespace {

constexpr std::size_t looked_at_max = 1'000;

struct Args {
    std::optional<std::string> status, severity, tag, search;
    std::int64_t cases_max = 50;
};

struct Line {
    std::string id, topic, status, severity, opened_at;
    std::int64_t runs = 0;
    std::vector<std::string> tags;
};

struct Answer {
    std::vector<Line> cases;
    bool truncated = false;
    std::optional<std::vector<std::string>> problems;
};

bool fits(const Args& args, const Line& line) {
    // "#incident" and "incident" are the same tag.
    const auto bare = [](std::string_view tag) { return lower(tag.substr(tag.starts_with('#') ? 1 : 0)); };
    const bool tagged = !args.tag || std::any_of(line.tags.begin(), line.tags.end(), [&](const auto& tag) {
        return bare(tag) == bare(*args.tag);
    });
    return tagged && (!args.status || line.status == *args.status) &&
           (!args.severity || line.severity == *args.severity);
}

Result<Answer> list(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    std::vector<cases::UnreadCase> unread;
    const auto found = bench.cases.list(context.principal, args.search.value_or(""), looked_at_max, &unread);
    if (!found) return found.error();
    Answer answer;
    answer.truncated = found->size() == looked_at_max;
    for (const auto& one : *found) {
        const auto state = bench.cases.glance(one.id, context.principal);
        if (!state) add_unread(one.id, state.error(), unread);
        if (!state) continue;
        Line line{one.id,
                  shorten(one.topic, 100),
                  one.status,
                  one.severity,
                  one.opened_at,
                  one.runs,
                  state->fields.tags.value_or(std::vector<std::string>())};
        if (!fits(args, line)) continue;
        if (std::ssize(answer.cases) == args.cases_max) {
            answer.truncated = true;
            break;
        }
        answer.cases.push_back(std::move(line));
    }
    answer.problems = problems_of(unread);
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> list_cases_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "list_cases",
        .title = "List cases",
        .description = "Lists cases, newest first.",
        .input = Schema<Args>{}
                     .field("status", &Args::status, "")
                     .choices({"open", "investigating", "identified", "mitigated", "resolved", "closed"})
                     .field("severity", &Args::severity, "")
                     .choices({"P0", "P1", "P2", "P3"})
                     .field("tag", &Args::tag, "")
                     .field("search", &Args::search, "")
                     .length(1, 200)
                     .field("cases_max", &Args::cases_max, "")
                     .range(1, 200)
                     .optional(),
        .output = Schema<Answer>{}
                      .list("cases", &Answer::cases,
                            Schema<Line>{}
                                .field("case", &Line::id, "")
                                .field("topic", &Line::topic, "")
                                .field("status", &Line::status, "")
                                .field("severity", &Line::severity, "")
                                .field("opened_at", &Line::opened_at, "")
                                .field("runs", &Line::runs, "")
                                .field("tags", &Line::tags, ""),
                            "")
                      .field("truncated", &Answer::truncated, "")
                      .field("problems", &Answer::problems, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return list(bench, args, context); },
    });
}

}  // namespace casefile::tools::admin
