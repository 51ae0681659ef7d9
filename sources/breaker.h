#pragma once
// When a source is left alone for a while, and how often a connection to it is tried. The same for all kinds.

#include <mutex>
#include <optional>

#include "base/clock.h"
#include "sources/source.h"

namespace casefile::sources {

/// Opens after `failures_max` failures in a row to connect or to answer. While it is open the source is not
/// asked: callers hear so at once, instead of each waiting for what will not come. After the cool-down one
/// caller may try; what comes of it closes the breaker or opens it again. Safe to call from any thread.
class Breaker {
  public:
    static constexpr int failures_max = 3;
    static constexpr std::chrono::seconds cool_down{10};

    /// `name` is the source's: "PROD mysql".
    Breaker(std::string name, const Clock& clock);

    /// May the source be asked now? Changes nothing.
    std::optional<Error> refusal() const;
    /// The same, for a caller that goes on to ask. Of those that come after the cool-down, the first may; it
    /// has to tell with one of the functions below what came of it.
    Result<void> admit();

    void connected();  ///< others may ask as well; only an answer makes up for the failures before
    void answered();
    void failed(const Error& why);
    void gave_up();  ///< nobody knows: the caller, or an idle connection, ended before anything came

    /// Empty while it is closed; else what list_environments shows.
    std::string state() const;

  private:
    std::optional<Error> refusal_now() const;
    Error resting(const std::string& until) const;

    const std::string name_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    int failures_ = 0;
    std::optional<WallTime> opened_at_;  ///< nothing while it is closed
    bool tried_ = false;                 ///< half open: one caller tries
    std::string last_failure_;
};

/// True when nothing came from the other side: it did not refuse, was not slow, and was not told to stop.
bool is_silence(const Error& error);

/// A connection is tried so many times, where each attempt failed at once.
constexpr int connect_attempts_max = 3;
bool is_worth_another_attempt(int attempts_made, const Error& error, std::chrono::milliseconds took);
/// Between half and one and a half times a delay that grows threefold, so that many callers do not come back
/// at one moment.
std::chrono::milliseconds pause_before_attempt(int attempts_made);
/// False when the deadline or a stop comes first; then there was no pause.
bool pause(std::chrono::milliseconds time, const Control& control);

}  // namespace casefile::sources
