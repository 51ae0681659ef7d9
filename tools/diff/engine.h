#pragma once
// Brings the records of two sides together by their keys.
//
// Redis can be asked for any key: the other side streams, in batches of 500 records, and memory does not grow
// with their number. Of two Redis sides the left one is scanned. Two sides that can only be streamed meet in
// memory: the smaller document, or else the left side, is held (at most 200,000 records or 256 MiB), and the
// other streams past it. That is the simple version: two large tables need chunks by key, which this does not
// do.

#include "tools/diff/findings.h"
#include "tools/diff/redis_side.h"

namespace casefile::tools::diff {

/// How much one comparison may hold in memory.
struct EngineBounds {
    std::size_t held_records_max = 200'000;
    std::size_t held_bytes_max = 256 * 1024 * 1024;
    std::size_t seen_keys_bytes_max = 256 * 1024 * 1024;  ///< for left-over keys
    std::size_t batch_records = 500;
};

struct Meeting {
    const Rules& rules;
    Side& left;
    Side& right;
    RedisSide* left_redis;   ///< `left`, where it is Redis
    RedisSide* right_redis;  ///< `right`, where it is Redis
    Findings& findings;
    sources::Control control;
    EngineBounds bounds = {};
};

/// Without fields in the rules, those are compared that both sides have. A side read by key shows its fields
/// only in its records: there the first batch that has records on both sides decides, and a note tells of
/// fields that appear later.
Result<void> compare_sides(const Meeting& meeting);

/// A key that names two records is no key. Told where it is seen: among the records held, and among
/// neighbours in a stream.
Error duplicate_key(const std::string& side, const Key& key);

}  // namespace casefile::tools::diff
