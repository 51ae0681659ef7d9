#pragma once
// SIGINT, SIGTERM and SIGHUP as something to ask about, so that servers are stopped and folders removed
// before leaving.

#include <signal.h>

namespace casefile::sandbox {

/// Holds the signals back from its making on, in this thread and in those started later.
class Interruption {
  public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    bool requested() const;
    /// Returns when a signal has come.
    void wait() const;
    /// Returns when a signal has come or `input` has reached its end.
    void wait_or_end_of(int input) const;

  private:
    sigset_t signals_;
    sigset_t before_;
};

}  // namespace casefile::sandbox
