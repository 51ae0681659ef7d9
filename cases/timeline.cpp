#include "cases/write_up.h"

#include "base/text.h"
#include "cases/markdown.h"
#include "cases/told.h"
#include "cases/zone.h"

namespace casefile::cases {
namespace {

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

Timeline::Timeline(const CaseState& state) : state_(state) {
    std::size_t number = 0;
    for (const auto& [at, status] : state.statuses) add(at, number++);
    for (const auto& grant : state.grants) add(grant->given_at, number++);
    for (const auto& run : state.runs) add(run.opened_at, number++);
    for (const auto& entry : state.entries) {
        const bool told = entry.kind != "plan" && entry.kind != "figure";
        if (told) add(entry.happened_at.empty() ? entry.at : entry.happened_at, number);
        ++number;
    }
    std::sort(order_.begin(), order_.end());
}

/// Clocks and zones differ, so the instants are compared, not the texts. One that cannot be read goes last.
void Timeline::add(const std::string& at, std::size_t number) {
    const auto instant = parse_rfc3339(at);
    order_.emplace_back(instant ? *instant : WallTime::max(), number);
}

TimelineEvent Timeline::operator[](std::size_t place) const {
    auto at = order_[place].second;
    if (at < state_.statuses.size()) {
        const auto& [when, status] = state_.statuses[at];
        return {when, "status " + status, "casefile", {}, "status"};
    }
    at -= state_.statuses.size();
    if (at < state_.grants.size()) {
        const auto& grant = *state_.grants[at];
        return {grant.given_at,
                grant.env + " confirmed by " + grant.confirmed_by + " (" + grant.how + ")",
                "casefile",
                {},
                "grant"};
    }
    at -= state_.grants.size();
    if (at < state_.runs.size()) return event_of(state_.runs[at]);
    return event_of(state_, state_.entries[at - state_.runs.size()]);
}

std::string timeline_page(const CaseState& state) {
    const auto zone = state.fields.time_window.value_or(TimeWindow{}).timezone;
    std::string page = "# Timeline: " + line_of(state.topic(), 200) + "\n\nCase " + state.id +
                       (zone.empty() ? "" : ", times in " + inline_text(shorten(zone, 60))) + ".\n\n";
    for (const auto& event : Timeline(state)) {
        const auto runs = cited_runs(state, event.text, event.evidence);
        page += "- " + line_of(written_in(zone, event.at), 60) + ": " + line_of(event.text) + " (" +
                inline_text(event.source) + ")" +
                (runs.empty() ? "" : " [runs " + inline_text(join(runs, ", ")) + "]") + "\n";
    }
    return page;
}

}  // namespace casefile::cases
