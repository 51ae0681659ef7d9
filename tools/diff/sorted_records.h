#pragma once
// Records in the order of their keys, however many: a part in memory, the rest in sorted runs on disk.

#include "tools/diff/key_order.h"
#include "tools/diff/scratch_file.h"
#include "tools/diff/side.h"

namespace casefile::tools::diff {

/// What one sorted set of records may take.
struct Room {
    std::filesystem::path folder;  ///< where a scratch file may be made; none is made while memory is enough
    std::size_t memory_bytes_max = 8 * 1024 * 1024;
    std::uint64_t disk_bytes_max = 4'294'967'296;
};

/// First add(), then finish(), then next(). Memory stays near `memory_bytes_max` at any number of records:
/// about that for the records being added, and again about that to read the runs. Records that come in order
/// make one run and are not sorted. Used by one thread.
class SortedRecords {
  public:
    SortedRecords(KeyOrder order, Room room) : order_(order), room_(std::move(room)) {}

    Result<void> add(const Record& record);
    /// A record whose key is this one part, without values.
    Result<void> add_key(std::string_view part);
    Result<void> finish();

    /// The next one in order, nothing at the end; equal keys come one after the other.
    Result<std::optional<Record>> next();
    /// The same as record_bytes.h reads it; nullptr at the end. Valid until the next call.
    Result<const char*> next_bytes();

    std::uint64_t size() const { return size_; }

  private:
    /// Where a record stands in memory, and what decides most comparisons.
    struct Entry {
        std::uint64_t rank;
        std::uint64_t at;
    };
    struct Run {
        std::uint64_t next, end;  ///< offsets in the file, of what is not in the buffer yet
        std::string buffer;
        std::size_t at = 0;  ///< of the current record in the buffer
    };

    bool is_less(const Entry& left, const Entry& right) const;
    bool comes_later(std::size_t left, std::size_t right) const;
    void sort();
    Result<void> added(const Entry& entry);
    Result<void> spill();
    Result<void> pass_first();
    Result<bool> load(Run& run);

    const KeyOrder order_;
    const Room room_;
    std::uint64_t size_ = 0;
    std::string records_;  ///< as encode() writes them
    std::vector<Entry> entries_;
    bool in_order_ = true;
    std::size_t next_entry_ = 0;
    std::optional<ScratchFile> file_;
    std::string last_spilled_;
    std::vector<Run> runs_;
    std::vector<std::size_t> heap_;  ///< of runs, the one with the least record first
    bool given_ = false;             ///< the first record of the heap was handed out already
    std::size_t buffer_bytes_ = 0;
};

}  // namespace casefile::tools::diff
