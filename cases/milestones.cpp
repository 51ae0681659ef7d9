#include "cases/milestones.h"

#include "cases/told.h"

namespace casefile::cases {
namespace {

constexpr std::string_view milestone_prefix = "milestone.";

/// The typed entries that tell a milestone, each with the member that holds its time.
constexpr std::pair<const char*, const char*> typed_times[] = {{"alert_details", "detected_at"},
                                                               {"fix_validation", "validated_at"},
                                                               {"deployment", "deployed_at"},
                                                               {"recovery", "recovered_at"}};

std::optional<Milestone> told_at(const std::string& text, const std::string& source) {
    const auto at = parse_rfc3339(text);
    return at ? std::optional(Milestone{*at, source}) : std::nullopt;
}

std::optional<Milestone> from_event(const CaseState& state, std::string_view name) {
    const auto* entry = newest_with_key(state, std::string(milestone_prefix) + std::string(name));
    return entry == nullptr ? std::nullopt : told_at(entry->happened_at, "event");
}

std::optional<Milestone> from_entry(const CaseState& state, std::string_view wanted) {
    const auto* entry = newest_with_key(state, wanted);
    if (entry == nullptr) return std::nullopt;
    for (const auto& [key, name] : typed_times)
        if (wanted == key) return told_at(member_of(*entry, name), std::string(key) + "." + name);
    return std::nullopt;
}

/// The last time that the case came to `status`: reopened and resolved again, it was over at the second.
std::optional<Milestone> from_status(const CaseState& state, std::string_view status) {
    for (auto one = state.statuses.rbegin(); one != state.statuses.rend(); ++one)
        if (one->second == status) return told_at(one->first, "status " + one->second);
    return std::nullopt;
}

std::optional<Milestone> first_of(std::initializer_list<std::optional<Milestone>> candidates) {
    for (const auto& one : candidates)
        if (one) return one;
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> between(const std::optional<Milestone>& from,
                                                 const std::optional<Milestone>& until) {
    if (!from || !until || until->at < from->at) return std::nullopt;
    return until->at - from->at;
}

}  // namespace

const std::vector<std::string>& milestone_names() {
    static const std::vector<std::string> names{"started", "detected", "identified", "fixed", "recovered"};
    return names;
}

std::optional<Milestone> milestone(const CaseState& state, std::string_view name) {
    if (auto told = from_event(state, name)) return told;
    const auto window = state.fields.time_window.value_or(TimeWindow{});
    if (name == "started")
        return first_of(
            {told_at(string_or(state.fields.framing.value_or(json::object()), "since"), "framing.since"),
             told_at(window.start, "time_window.start"), from_entry(state, "alert_details")});
    if (name == "detected")
        return first_of({from_entry(state, "alert_details"), told_at(state.opened_at, "case opened")});
    if (name == "identified") return from_status(state, "identified");
    if (name == "fixed")
        return first_of({from_entry(state, "fix_validation"), from_entry(state, "deployment"),
                         from_status(state, "mitigated")});
    return first_of(
        {from_entry(state, "recovery"), from_status(state, "resolved"), from_status(state, "closed")});
}

std::optional<std::string> warning_of_time_ahead(const Entry& entry, WallTime now) {
    // Clocks of two machines differ by less.
    constexpr auto leeway = std::chrono::minutes(5);
    auto told = entry.key.starts_with(milestone_prefix) ? entry.happened_at : std::string();
    for (const auto& [key, name] : typed_times)
        if (entry.key == key) told = member_of(entry, name);
    const auto at = parse_rfc3339(told);
    if (!at || *at <= now + leeway) return std::nullopt;
    return entry.key + " is told for " + told + ", and now it is " + rfc3339(now) +
           ": durations would count time that has not been; write it again with the right year and zone";
}

Times times_of(const CaseState& state) {
    const auto started = milestone(state, "started"), detected = milestone(state, "detected"),
               identified = milestone(state, "identified"), fixed = milestone(state, "fixed"),
               recovered = milestone(state, "recovered");
    return {.to_detect = between(started, detected),
            .to_find = between(detected, identified),
            .to_fix = between(identified, fixed),
            .to_deploy = between(fixed, recovered),
            .to_recover = between(started ? started : detected, recovered)};
}

std::string duration_text(std::chrono::milliseconds duration) {
    const auto seconds = duration.count() / 1000;
    if (seconds < 60) return std::to_string(seconds) + " s";
    const auto minutes = seconds / 60;
    if (minutes < 60) return std::to_string(minutes) + " min";
    const auto rest = minutes % 60;
    return std::to_string(minutes / 60) + " h" + (rest == 0 ? "" : " " + std::to_string(rest) + " min");
}

}  // namespace casefile::cases
