#pragma once
// The lines of a chain file, and what is wrong with them.

#include <limits>
#include <optional>

#include "evidence/chain_file.h"
#include "evidence/head_file.h"
#include "evidence/verify.h"

namespace casefile::evidence {

/// Calls `take` with each complete line from `offset` on and gives the offset behind the last of them. Bytes
/// behind that are a line that a crash cut off; nothing from `end` on is read. A line above line_bytes_max
/// comes shortened, so that it cannot be read as one.
Result<std::uint64_t> for_each_line(int file, std::uint64_t offset,
                                    const std::function<Result<void>(std::string_view, std::uint64_t)>& take,
                                    std::uint64_t end = std::numeric_limits<std::uint64_t>::max());

/// More than any case needs, and as much as a reader has to hold.
inline constexpr std::uint64_t chain_bytes_max = 1024 * 1024 * 1024;

struct Chain {
    std::vector<Result<Record>> lines;
    bool torn = false;  ///< bytes without a newline stand at the end
};
/// Of what stands behind `bytes` nothing is read.
Result<Chain> load_chain(int file, std::uint64_t bytes);

/// Hands over those with n > `after`, each continuing the one before. At `offset` begins record `n` + 1.
Result<void> read_records(int file, std::uint64_t offset, std::uint64_t n, std::uint64_t after,
                          const std::function<void(const Record&)>& take);

/// The hash of the record whose line stands from `offset` to `end`.
Result<std::string> read_hash(int file, std::uint64_t offset, std::uint64_t end);

/// Puts into the body of a closing record what it tells of the records in the file: their number, and the
/// Merkle root over their hashes (evidence/merkle.h).
Result<void> close_over(int file, json::object& body);

/// Puts a chain without what its records hold of these files in the place of the old one, in one step and
/// durably. Under the exclusive lock of the old one. Nothing is written when no record holds any of them.
Result<void> rewrite_without(int case_folder, int file, const PrunedFiles& files);

/// The first line that does not continue the one before it, or whose signature is wrong. Without a key no
/// signature is checked. `head` tells whether the last line is the one that was signed.
std::optional<Break> find_break(const Chain& chain, const std::string& public_key,
                                const std::optional<HeadFile>& head);

/// "chain.jsonl line 7", counted from one.
std::string line_name(std::size_t index);

}  // namespace casefile::evidence
