#include "cases/write_up.h"

#include "base/text.h"
#include "cases/markdown.h"
#include "cases/told.h"
#include "cases/zone.h"

namespace casefile::cases {
namespace {

/// The instant that a text names; `otherwise` when it names none.
WallTime instant_of(const std::string& text, WallTime otherwise) {
    const auto at = parse_rfc3339(text);
    return at ? *at : otherwise;
}

/// What a hypothesis says, also where a later word on it says nothing but its new state.
std::string text_of(const CaseState& state, const Entry& entry) {
    if (!entry.text.empty() || entry.key.empty()) return entry.text;
    for (const auto& one : state.entries) {
        if (&one == &entry) break;
        if (one.kind == entry.kind && one.key == entry.key && !one.text.empty()) return one.text;
    }
    return entry.text;
}

/// "fix restart proposed" of the kind fix, the key fix.restart and the state proposed.
std::string label_of(const Entry& entry) {
    const auto key = entry.key.starts_with(entry.kind + ".") ? entry.key.substr(entry.kind.size() + 1)
                     : entry.key == entry.kind               ? std::string()
                                                             : entry.key;
    if (entry.kind == "handoff") return "handed over to " + (key.empty() ? "others" : key);
    return entry.kind + (key.empty() ? "" : " " + key) + (entry.state.empty() ? "" : " " + entry.state);
}

TimelineEvent event_of(const CaseState& state, const Entry& entry) {
    TimelineEvent event{entry.happened_at.empty() ? entry.at : entry.happened_at, entry.text, entry.source,
                        entry.evidence, entry.kind};
    event.milestone = entry.key.starts_with("milestone.");
    if (entry.kind == "event") {
        if (event.source.empty()) event.source = entry.by;
        return event;
    }
    event.text = label_of(entry) + ": " + text_of(state, entry);
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
        if (entry.kind != "plan" && entry.kind != "figure") events.push_back(event_of(state, entry));

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

std::string timeline_page(const CaseState& state) {
    const auto zone = state.fields.time_window.value_or(TimeWindow{}).timezone;
    std::string page = "# Timeline: " + line_of(state.topic(), 200) + "\n\nCase " + state.id +
                       (zone.empty() ? "" : ", times in " + inline_text(shorten(zone, 60))) + ".\n\n";
    for (const auto& event : timeline(state)) {
        const auto runs = cited_runs(state, event.text, event.evidence);
        page += "- " + line_of(written_in(zone, event.at), 60) + ": " + line_of(event.text) + " (" +
                inline_text(event.source) + ")" +
                (runs.empty() ? "" : " [runs " + inline_text(join(runs, ", ")) + "]") + "\n";
    }
    return page;
}

}  // namespace casefile::cases
