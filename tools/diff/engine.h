#pragma once
// Brings the records of two sides together by their keys, in memory that does not grow with their number.
//
//   Redis and anything     the other side streams, and each batch of its records is looked up in Redis; of
//   two
//                          Redis sides the left one is scanned
//   two SQL tables         that are large and read in the order of one whole-number key: checksums of a range
//                          of keys on both servers first, rows only of ranges that differ
//   any other two          each is read whole and sorted by its key, on disk where memory is not enough

#include "tools/diff/findings.h"
#include "tools/diff/mysql_side.h"
#include "tools/diff/progress.h"
#include "tools/diff/redis_side.h"
#include "tools/diff/sorted_records.h"

namespace casefile::tools::diff {

/// How much one comparison may hold, and how it is cut into pieces.
struct EngineBounds {
    std::size_t sort_memory_bytes = 8 * 1024 * 1024;  ///< for each set of records that is sorted
    std::uint64_t disk_bytes_max = 4'294'967'296;     ///< for each of them
    std::size_t batch_records = 500;
    std::int64_t chunk_rows = 20'000;  ///< tables of less than two chunks are read whole
};

struct Meeting {
    const Rules& rules;
    Side& left;
    Side& right;
    Findings& findings;
    Progress& progress;
    sources::Control control;
    std::filesystem::path scratch_folder;
    RedisSide* left_redis = nullptr;   ///< `left`, where it is Redis
    RedisSide* right_redis = nullptr;  ///< `right`, where it is Redis
    MysqlSide* left_mysql = nullptr;
    MysqlSide* right_mysql = nullptr;
    EngineBounds bounds = {};

    Room room() const { return {scratch_folder, bounds.sort_memory_bytes, bounds.disk_bytes_max}; }
};

/// Without fields in the rules, those are compared that both sides have. A side read by key shows its fields
/// only in its records: there the first batch that has records on both sides decides, and a note tells of
/// fields that appear later.
Result<void> compare_sides(const Meeting& meeting);

/// Stopped, or out of time?
Result<void> check_time(const sources::Control& control);

}  // namespace casefile::tools::diff
