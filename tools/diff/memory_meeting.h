#pragma once
// One side is held in memory, and the other streams past it.

#include <unordered_map>

#include "tools/diff/engine.h"

namespace casefile::tools::diff {

class MemoryMeeting {
  public:
    explicit MemoryMeeting(const Meeting& meeting);

    Result<void> run();

  private:
    class Holder;
    class Passer;

    struct Held {
        Record record;
        bool met = false;
    };

    Result<void> hold(Record record);
    Result<std::vector<std::string>> choose_held(const std::vector<std::string>& names);
    Result<std::vector<std::string>> choose_streamed(const std::vector<std::string>& names);
    Result<void> meet(Record record);
    Result<void> report_rest();
    std::string name(bool of_held) const { return of_held == holds_left_ ? "left" : "right"; }

    const Meeting& meeting_;
    const bool holds_left_;
    Side& held_side_;
    Side& streamed_side_;
    std::vector<std::string> held_names_;
    std::vector<Held> held_;
    std::unordered_map<std::string, std::size_t> place_of_;  ///< joined key to index in held_
    std::size_t held_bytes_ = 0;
    Key last_key_;  ///< of the streamed side
};

}  // namespace casefile::tools::diff
