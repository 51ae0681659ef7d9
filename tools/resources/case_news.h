#pragma once
// Tells clients that listen of cases that grow.

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "cases/casebook.h"
#include "mcp/changes.h"

namespace casefile::tools::resources {

/// At most once in `pause` for each case, and never later than that: the last of a burst is told too. Clients
/// are told on a thread of its own, which begins with the first news: no call waits for a slow one.
class CaseNews {
  public:
    explicit CaseNews(const mcp::Changes& changes, std::chrono::milliseconds pause = std::chrono::seconds(1))
        : changes_(changes), pause_(pause) {}

    /// Safe to call from any thread.
    void note(const cases::Growth& growth);

  private:
    using Time = std::chrono::steady_clock::time_point;

    struct Untold {
        std::set<std::string> principals, drafts;
        bool is_news = false, list_changed = false;
        Time due;
    };

    void run(const std::stop_token& stop);
    std::vector<mcp::Change> take_due(Time now);
    Time next_due() const;

    const mcp::Changes& changes_;
    const std::chrono::milliseconds pause_;
    std::mutex mutex_;
    std::condition_variable_any woken_;
    std::map<std::string, Untold> cases_;  ///< until `pause` after they were told last
    bool came_ = false;
    std::jthread teller_;  ///< last, so that it ends before what it uses
};

}  // namespace casefile::tools::resources
