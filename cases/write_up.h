#pragma once
// The write-ups that a case ends in. Every factual sentence cites runs; what cites none is listed.

#include "base/clock.h"
#include "base/place_iterator.h"
#include "cases/case.h"

namespace casefile::cases {

struct Draft {
    std::string kind;  ///< teammate, leader, postmortem, report
    std::string text;  ///< Markdown; closes with case id, record count, head hash and key fingerprint
    std::vector<std::string> uncited;  ///< findings, root cause and impact without a run behind them
    std::vector<std::string> missing;  ///< parts that the case does not tell yet
};

/// teammate: at most 250 words (what happened, workaround, when it is right again, data correction plan).
/// leader: impact, root cause, detection gap, prevention. postmortem: the full template. report: everything
/// in order.
Result<Draft> write_up(const CaseState& state, const std::string& kind, const std::string& key_fingerprint);

struct TimelineEvent {
    std::string at, text, source;
    std::vector<std::string> evidence;
    std::string kind;        ///< status, grant, run, or the entry's kind
    bool milestone = false;  ///< the event says when the incident began, was noticed and so on
};
/// Status changes, grants, runs, entries and added events in one order of time; `at` as it was told. Each
/// event is made when it is read, as a case has thousands of runs. `state` has to outlive it.
class Timeline {
  public:
    explicit Timeline(const CaseState& state);

    std::size_t size() const { return order_.size(); }
    TimelineEvent operator[](std::size_t place) const;

    PlaceIterator<Timeline> begin() const { return {*this, 0}; }
    PlaceIterator<Timeline> end() const { return {*this, size()}; }

  private:
    void add(const std::string& at, std::size_t number);

    const CaseState& state_;
    std::vector<std::pair<WallTime, std::size_t>>
        order_;  ///< statuses count first, then grants, runs, entries
};
/// The same as Markdown for people: times in the zone of the case, each event with its source and its runs.
std::string timeline_page(const CaseState& state);

}  // namespace casefile::cases
