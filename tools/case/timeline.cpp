// timeline: what happened when, from the record and from what the investigator adds, in one order.

#include "cases/milestones.h"
#include "cases/write_up.h"
#include "cases/zone.h"
#include "tools/case/tools.h"

namespace casefile::tools::case_record {
namespace {

constexpr std::size_t events_max = 100;

struct Added {
    std::string at, text, source;
    std::optional<std::string> milestone;
};

struct Args {
    std::string id;
    std::optional<Added> add;
    std::optional<std::int64_t> correlate_minutes, skip;
};

struct Nearby {
    std::string before, text, source;
    std::vector<std::string> evidence;
};

struct Shown {
    std::string at, text, source;
    std::vector<std::string> evidence;
    std::optional<std::string> local;  ///< in the zone of the case
};

struct Answer {
    std::optional<json::object> added;  ///< as it was kept
    std::vector<Shown> events;
    std::int64_t events_total = 0;
    bool truncated = false;
    std::vector<Nearby> nearby;
    std::optional<std::string> nearby_means, warning;
};

/// What happened within so many minutes before the beginning, nearest first. casefile's own doings are left
/// out: they cannot have caused it.
void correlate(WallTime began, const cases::Timeline& events, std::int64_t minutes, Answer& answer) {
    std::vector<std::pair<std::chrono::milliseconds, cases::TimelineEvent>> near;
    for (auto event : events) {
        const auto at = parse_rfc3339(event.at);
        if (event.kind != "event" || !at || *at > began || event.milestone) continue;
        if (began - *at <= std::chrono::minutes(minutes)) near.emplace_back(began - *at, std::move(event));
    }
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& one, const auto& other) { return one.first < other.first; });
    for (const auto& [before, event] : near)
        answer.nearby.push_back({cases::duration_text(before), event.text, event.source, event.evidence});
    answer.nearby_means = "near in time before " + rfc3339(began) +
                          ", which is a correlation and not a cause; what would refute each?";
}

Shown shown(const cases::TimelineEvent& event, const std::string& zone) {
    Shown out{event.at, event.text, event.source, event.evidence, std::nullopt};
    if (auto local = cases::shown_in(zone, event.at); local != event.at) out.local = std::move(local);
    return out;
}

Result<cases::Entry> entry_of(const Added& add) {
    if (auto at = parse_rfc3339(add.at); !at) return invalid("add.at: " + at.error().message);
    cases::Entry entry;
    entry.kind = "event";
    entry.text = add.text;
    entry.source = add.source;
    // As it was told: its zone says whose clock it is.
    entry.happened_at = add.at;
    if (add.milestone) entry.key = "milestone." + *add.milestone;
    return entry;
}

/// Checked before anything is written: an event that is given again would be there twice.
Result<void> check_correlation(const cases::CaseState& state, const Args& args) {
    const bool tells_it = args.add && args.add->milestone == "started";
    if (!args.correlate_minutes || tells_it || cases::milestone(state, "started")) return {};
    return invalid("correlate_minutes: the case does not tell when it began; nothing was added",
                   "add the beginning with milestone started, or tell the time window");
}

Result<Answer> show(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    if (auto done = check_correlation(*state, args); !done) return done.error();
    const auto zone = state->fields.time_window.value_or(cases::TimeWindow{}).timezone;
    Answer answer;
    if (args.add) {
        auto entry = entry_of(*args.add);
        if (!entry) return entry.error();
        const auto written = bench.cases.write(args.id, *std::move(entry), context.principal);
        if (!written) return written.error();
        answer.added =
            json::object{{"at", written->happened_at}, {"text", written->text}, {"source", written->source}};
        answer.warning = cases::warning_of_time_ahead(*written, bench.clock.now());
        state = bench.cases.find(args.id, context.principal);
        if (!state) return state.error();
    }
    const cases::Timeline events(*state);
    const auto skipped = static_cast<std::size_t>(args.skip.value_or(0));
    const auto last = events.size() - std::min(events.size(), skipped);
    const auto first = last - std::min(last, events_max);
    for (auto place = first; place < last; ++place) answer.events.push_back(shown(events[place], zone));
    answer.events_total = static_cast<std::int64_t>(events.size());
    answer.truncated = first > 0;
    if (args.correlate_minutes)
        correlate(cases::milestone(*state, "started")->at, events, *args.correlate_minutes, answer);
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> timeline_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "timeline",
        .title = "Timeline",
        .description =
            "Shows runs, entries, status changes and added events in order of time, the newest 100.",
        .input =
            Schema<Args>{}
                .field("case", &Args::id, "")
                .object("add", &Args::add,
                        Schema<Added>{}
                            .field("at", &Added::at, "RFC 3339 with offset.")
                            .field("text", &Added::text, "")
                            .length(1, 2'000)
                            .field("source", &Added::source, "Who or what says so.")
                            .length(1, 200)
                            .field("milestone", &Added::milestone, "")
                            .choices({"started", "detected", "identified", "fixed", "recovered"}),
                        "")
                .field("skip", &Args::skip, "Newest left out.")
                .range(0, 1'000'000)
                .field("correlate_minutes", &Args::correlate_minutes, "Lists events before the beginning.")
                .range(1, 100'000),
        .output = Schema<Answer>{}
                      .field("added", &Answer::added, "")
                      .list("events", &Answer::events,
                            Schema<Shown>{}
                                .field("at", &Shown::at, "")
                                .field("local", &Shown::local, "In the case's zone.")
                                .field("text", &Shown::text, "")
                                .field("source", &Shown::source, "")
                                .field("evidence", &Shown::evidence, ""),
                            "")
                      .field("events_total", &Answer::events_total, "")
                      .field("truncated", &Answer::truncated, "")
                      .list("nearby", &Answer::nearby,
                            Schema<Nearby>{}
                                .field("before", &Nearby::before, "")
                                .field("text", &Nearby::text, "")
                                .field("source", &Nearby::source, "")
                                .field("evidence", &Nearby::evidence, ""),
                            "")
                      .field("nearby_means", &Answer::nearby_means, "")
                      .field("warning", &Answer::warning, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return show(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::case_record
