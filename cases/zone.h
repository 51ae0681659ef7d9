#pragma once
// A case's time zone, for showing times to people: "UTC", "+02:00" or a name such as Europe/Berlin, which is
// looked up in the system's database. What is checked against the journal never depends on it: another
// machine may know other rules.

#include <optional>
#include <string>

#include "base/clock.h"

namespace casefile::cases {

/// The offset from UTC at that instant; nothing for a zone that is not known here.
std::optional<std::chrono::seconds> offset_in(const std::string& zone, WallTime at);

/// "2026-11-22T15:23:00+01:00"; `at` as it was told when it is no instant, or the zone is not known.
std::string shown_in(const std::string& zone, const std::string& at);

/// The same as people write it: "2026-11-22 15:23:00 +01:00", "2026-11-22 14:23:00 UTC".
std::string written_in(const std::string& zone, const std::string& at);

}  // namespace casefile::cases
