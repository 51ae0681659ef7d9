#pragma once
// Puts a write-up together: cites the runs behind each fact, and keeps the lists of what is uncited and what
// is missing.

#include <limits>

#include "cases/told.h"
#include "cases/write_up.h"

namespace casefile::cases {

/// How much of a part a write-up has room for.
struct Room {
    std::size_t words_max = std::numeric_limits<std::size_t>::max();
    std::size_t links_max = 8;
};

class DraftWriter {
  public:
    DraftWriter(const CaseState& state, std::string kind);

    void title(const std::string& name, Room room = {});
    void heading(const std::string& name);
    /// "**Name:** value", or "not told yet".
    void fact(const std::string& name, const std::string& value, Room room = {});
    /// A heading and what the case tells under a known key.
    void section(std::string_view key, Room room = {});
    /// What the case tells under a known key, without a heading: each told thing behind `lead`, in a line of
    /// its own.
    void part(std::string_view key, const std::string& lead, Room room = {});
    void symptoms(Room room = {});
    /// The newest `count_max` findings that no known key tells already, and how many more there are.
    void findings_list(std::size_t count_max, Room room = {});
    /// The figures of the impact, each with its runs or as an estimate, as a list behind `indent`.
    void figures_list(const std::string& indent = {});
    /// As a checklist, by horizon.
    void actions();
    void events();
    void evidence();
    void line(const std::string& markdown) { draft_.text += markdown + "\n"; }
    /// Something that the draft needs and the case does not tell.
    void miss(const std::string& what);
    /// Text of the case for one line.
    std::string shown(const std::string& text, Room room) const;
    /// A time as people write it, in the zone of the case.
    std::string time(const std::string& at) const;

    /// The closing lines, and the draft.
    Draft finish(const std::string& key_fingerprint, std::size_t environments_max = 100);

  private:
    std::string cited(const std::string& name, const Told& one, Room room);
    std::string supported_by(Room room) const;
    void action_line(const Told& action);
    void uncited(const std::string& name, const std::string& text);

    const CaseState& state_;
    Draft draft_;
};

/// Words as a reader counts them: runs of characters between spaces.
std::size_t words_in(std::string_view text);

}  // namespace casefile::cases
