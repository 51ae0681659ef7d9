#pragma once
// Time as a collaborator, so that tests need no sleeping.

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace casefile {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// Safe to call from any thread.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual WallTime now() const = 0;
};

class SystemClock : public Clock {
  public:
    WallTime now() const override;
};

/// RFC 3339 in UTC with milliseconds: "2026-11-22T14:02:03.100Z".
std::string rfc3339(WallTime at);

/// "20261122_140203", the time part of a run id.
std::string compact_time(WallTime at);

/// "2026-11-22" in UTC.
std::string date_of(WallTime at);

/// Reads RFC 3339 with any offset and any number of fraction digits, as it allows; what is finer than a
/// millisecond is cut off.
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace casefile
