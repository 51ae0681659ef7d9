#pragma once
// The anchor file: a place outside the home, which casefile only ever appends to, that tells where each chain
// ended. With it a tail that was cut off, or a whole chain that was taken back, is found.
//
//   {"at":"…","case":"…","count":7,"hash":"…","key_fingerprint":"…"}    canonical JSON, one line a head

#include <filesystem>
#include <map>
#include <string>

#include "evidence/run_records.h"
#include "evidence/verify.h"

namespace casefile::evidence {

/// Adds one line, not synced: an anchor may be behind its chain, never ahead of it. `unavailable` when it
/// cannot be written.
Result<void> append_anchor(const std::filesystem::path& file, const std::string& case_id, const Head& head,
                           const std::string& at);

/// Makes the file where it is not there, and tells now what would keep anchors from being written.
Result<void> check_anchor_file(const std::filesystem::path& file);

/// Holds the records of a case against the lines that tell of it, and adds what the file proves, and what it
/// does not, to `out`. Bytes that are no such line are counted and told.
Result<std::optional<Break>> check_anchors(const std::filesystem::path& file, const std::string& case_id,
                                           const std::vector<Record>& records,
                                           const std::string& key_fingerprint, Verification& out);

/// The cases that the file tells of as signed by this key, with their newest count.
Result<std::map<std::string, std::uint64_t>> anchored_cases(const std::filesystem::path& file,
                                                            const std::string& key_fingerprint);

}  // namespace casefile::evidence
