#pragma once
// Moments in time as databases and JSON write them, to the last digit of the fraction.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "tools/diff/decimal.h"

namespace casefile::tools::diff {

struct Timestamp {
    std::int64_t seconds = 0;   ///< since 1970 in UTC
    std::string fraction = {};  ///< digits after the point without trailing zeros: .500 is .5

    bool operator==(const Timestamp&) const = default;
    /// With the fraction; nothing when that is too long for a Decimal.
    std::optional<Decimal> seconds_since_year_zero() const;
};

/// Reads "2026-11-22 14:02:03.100" and RFC 3339 ("2026-11-22T15:02:03.1+01:00"), with a space or a T between,
/// also without seconds, and with "+0100", "+01" or "UTC" as the zone, after a space or not. A text without a
/// zone is in `zone_seconds` east of UTC. Nothing for all else: dates alone, zero dates, epoch numbers.
std::optional<Timestamp> parse_timestamp(std::string_view text, std::int64_t zone_seconds);

/// The seconds in "10:00:00.5" and in "-838:59:59", as TIME columns and JSON write them; nothing without
/// seconds.
std::optional<Decimal> parse_time_of_day(std::string_view text);

/// Reads "UTC", "Z" and "+02:00".
Result<std::int64_t> parse_zone(std::string_view text);

}  // namespace casefile::tools::diff
