// timeline: what happened when, from the record and from what the investigator adds, in one order.

#include "cases/write_up.h"
#include "tools/case/tools.h"

namespace casefile::tools::case_record {
namespace {

constexpr std::size_t events_max = 100;

struct Added {
    std::string at, text, source;
};

struct Args {
    std::string id;
    std::optional<Added> add;
};

struct Answer {
    std::vector<cases::TimelineEvent> events;
    std::int64_t events_total = 0;
    bool truncated = false;
};

Result<Answer> show(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    if (args.add) {
        auto at = parse_rfc3339(args.add->at);
        if (!at) return invalid("add.at: " + at.error().message);
        cases::Entry entry;
        entry.kind = "event";
        entry.text = args.add->text;
        entry.source = args.add->source;
        entry.happened_at = rfc3339(*at);
        if (auto done = bench.cases.write(args.id, std::move(entry), context.principal); !done)
            return done.error();
    }
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    Answer answer{.events = cases::timeline(*state)};
    answer.events_total = static_cast<std::int64_t>(answer.events.size());
    answer.truncated = answer.events.size() > events_max;
    if (answer.truncated) answer.events.erase(answer.events.begin(), answer.events.end() - events_max);
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> timeline_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "timeline",
        .title = "Timeline",
        .description =
            "Shows runs, entries, status changes and added events in one order of time, the newest 100.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .object("add", &Args::add,
                             Schema<Added>{}
                                 .field("at", &Added::at, "RFC 3339 with offset.")
                                 .field("text", &Added::text, "")
                                 .length(1, 2'000)
                                 .field("source", &Added::source, "Who or what says so.")
                                 .length(1, 200),
                             "Adds an event first."),
        .output = Schema<Answer>{}
                      .list("events", &Answer::events,
                            Schema<cases::TimelineEvent>{}
                                .field("at", &cases::TimelineEvent::at, "")
                                .field("text", &cases::TimelineEvent::text, "")
                                .field("source", &cases::TimelineEvent::source, "")
                                .field("evidence", &cases::TimelineEvent::evidence, ""),
                            "")
                      .field("events_total", &Answer::events_total, "")
                      .field("truncated", &Answer::truncated, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return show(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::case_record
