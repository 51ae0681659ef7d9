#pragma once
// The runs of a case in little memory: a case may have tens of thousands, and is copied with each refresh of
// its files.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/place_iterator.h"

namespace casefile::cases {

struct RunLine {
    using FileNames = std::vector<std::string>;

    std::uint64_t seq = 0;
    std::string run_id, tool, task, env, opened_at, sealed_at;
    std::string outcome;  ///< empty while the run is open; "interrupted" when it will never be sealed
    std::string summary;  ///< one line: what came out, or why not
    std::shared_ptr<const FileNames> file_names;  ///< null until the run is sealed
    std::set<std::string> pruned;                 ///< those of them that were destroyed

    /// Relative to the case: "runs/0003-prices.20261122_140203_1a2b3c4d".
    std::string folder() const;
    const FileNames& files() const;
    /// Why nothing can be read from it about the data: "refused", "failed", "interrupted", "not sealed", or
    /// "a confirmation". Empty when it shows data.
    std::string no_data_because() const;
};

/// In sequence. Lines are made when they are read; copies share what they are made from.
class RunLines {
    class NewestFirst {
      public:
        explicit NewestFirst(const RunLines& runs) : runs_(&runs) {}

        PlaceIterator<NewestFirst> begin() const { return {*this, 0}; }
        PlaceIterator<NewestFirst> end() const { return {*this, runs_->size()}; }
        RunLine operator[](std::size_t back) const { return (*runs_)[runs_->size() - 1 - back]; }

      private:
        const RunLines* runs_;
    };

  public:
    PlaceIterator<RunLines> begin() const { return {*this, 0}; }
    PlaceIterator<RunLines> end() const { return {*this, size()}; }
    NewestFirst newest_first() const { return NewestFirst(*this); }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    RunLine operator[](std::size_t place) const;
    /// Where the run with this id stands; of several with one id the first. size() when there is none.
    std::size_t find(std::string_view run_id) const;

    void push_back(const RunLine& line);
    /// Lets `edit` alter a line, all but its id; copies made before keep the one that was there.
    template <class Edit>
    void change(std::size_t place, const Edit& edit) {
        auto line = (*this)[place];
        edit(line);
        replace(place, line);
        if (!line.pruned.empty()) pruned_[place] = std::move(line.pruned);
    }

  private:
    /// What calls in a row mostly have in common, and the ways in which they end.
    struct Kind {
        std::string tool, task, env;
        bool operator==(const Kind&) const = default;
    };
    struct Ending {
        std::string outcome;
        std::shared_ptr<const RunLine::FileNames> file_names;
        bool operator==(const Ending& other) const;
    };
    /// Lines one after the other: numbers of its kind and its ending, the sequence number, then its own
    /// texts. Never altered, as copies share it.
    struct Block {
        std::vector<std::uint32_t> starts;
        std::string bytes;
    };
    static constexpr std::size_t block_lines = 64;

    std::string pack(const RunLine& line);
    void replace(std::size_t place, const RunLine& line);
    const char* line_at(std::size_t place) const;
    std::string_view id_at(std::size_t place) const;
    std::vector<std::uint32_t>::const_iterator place_by_id(std::string_view run_id) const;

    std::size_t size_ = 0;
    std::vector<std::shared_ptr<const Block>> blocks_;
    std::vector<std::shared_ptr<const Kind>> kinds_;
    std::vector<std::shared_ptr<const Ending>> endings_;
    std::vector<std::uint32_t> by_id_;  ///< places in the order of the ids, which begin with the time
    std::map<std::size_t, std::set<std::string>> pruned_;  ///< by place
};

}  // namespace casefile::cases
