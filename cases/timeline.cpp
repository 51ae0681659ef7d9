#include "cases/write_up.h"

namespace casefile::cases {
namespace {

/// The instant that a text names; `otherwise` when it names none.
WallTime instant_of(const std::string& text, WallTime otherwise) {
    const auto at = parse_rfc3339(text);
    return at ? *at : otherwise;
}

TimelineEvent event_of(const Entry& entry) {
    TimelineEvent event{entry.happened_at.empty() ? entry.at : entry.happened_at, entry.text, entry.source,
                        entry.evidence, entry.kind};
    event.milestone = entry.key.starts_with("milestone.");
    if (entry.kind == "event") {
        if (event.source.empty()) event.source = entry.by;
        return event;
    }
    event.text = entry.kind + (entry.key.empty() ? "" : " " + entry.key) +
                 (entry.state.empty() ? "" : " " + entry.state) + ": " + entry.text;
    event.source = entry.by;
    return event;
}

TimelineEvent event_of(const RunLine& run) {
    auto text = run.tool + (run.env.empty() ? "" : " " + run.env) + " " +
                (run.outcome.empty() ? "open" : run.outcome);
    if (!run.summary.empty()) text += ": " + run.summary;
    return {run.opened_at, std::move(text), "casefile", {run.run_id}, "run"};
}

}  // namespace

std::vector<TimelineEvent> timeline(const CaseState& state) {
    std::vector<TimelineEvent> events;
    for (const auto& [at, status] : state.statuses)
        events.push_back({at, "status " + status, "casefile", {}, "status"});
    for (const auto& grant : state.grants)
        events.push_back({grant->given_at,
                          grant->env + " confirmed by " + grant->confirmed_by + " (" + grant->how + ")",
                          "casefile",
                          {},
                          "grant"});
    for (const auto& run : state.runs) events.push_back(event_of(run));
    for (const auto& entry : state.entries)
        if (entry.kind != "plan" && entry.kind != "figure") events.push_back(event_of(entry));

    // Clocks and zones differ, so the instants are compared, not the texts. One that cannot be read goes
    // last.
    std::vector<std::pair<WallTime, std::size_t>> order;
    for (std::size_t i = 0; i < events.size(); ++i)
        order.emplace_back(instant_of(events[i].at, WallTime::max()), i);
    std::sort(order.begin(), order.end());
    std::vector<TimelineEvent> out;
    out.reserve(events.size());
    for (const auto& [at, i] : order) out.push_back(std::move(events[i]));
    return out;
}

}  // namespace casefile::cases
