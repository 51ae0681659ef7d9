#pragma once
// When an incident began, was noticed, understood, fixed and over, and how long each took: from the record.

#include "cases/case.h"

namespace casefile::cases {

struct Milestone {
    WallTime at;
    std::string source;  ///< where it is told: "event", "recovery.recovered_at", "status resolved"
};

/// started, detected, identified, fixed, recovered.
const std::vector<std::string>& milestone_names();

/// What a person put on the timeline as that milestone; otherwise what a typed entry, a status or the opening
/// says.
std::optional<Milestone> milestone(const CaseState& state, std::string_view name);

/// What to say of an entry that tells such a time and lies after `now`: no duration can be made of it.
/// Nothing where the time has been, or the entry tells none.
std::optional<std::string> warning_of_time_ahead(const Entry& entry, WallTime now);

struct Times {
    std::optional<std::chrono::milliseconds> to_detect;   ///< from started
    std::optional<std::chrono::milliseconds> to_find;     ///< from detected to identified
    std::optional<std::chrono::milliseconds> to_fix;      ///< from identified to fixed
    std::optional<std::chrono::milliseconds> to_deploy;   ///< from fixed to recovered
    std::optional<std::chrono::milliseconds> to_recover;  ///< from started to recovered
};
Times times_of(const CaseState& state);

/// "23 min", "1 h 5 min", "40 s".
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace casefile::cases
