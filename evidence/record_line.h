#pragma once
// One record as one line of chain.jsonl, and back. A line is canonical JSON whose keys stand in a fixed
// order:
//
//   {"at":"…","body":{…},"body_sha256":"…","held":{…},"kind":"…","n":7,"prev":"…","sig":"…"}
//
// `held` is there only when the record holds files; the body has their hashes, so it need not be hashed
// again. The body is hashed as the bytes that stand in the line, never as something parsed and written again:
// a parser may round a number. Everything around it has exactly one spelling, so no byte of a line can change
// unnoticed.

#include <string>
#include <string_view>

#include "evidence/journal.h"

namespace casefile::evidence {

/// Journal lines are small; outputs are files.
inline constexpr std::size_t line_bytes_max = 8 * 1024 * 1024;

/// What `prev` of the first record holds, and the hash of an empty chain.
inline constexpr std::string_view no_hash =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// 1 to 20 characters of [a-z_].
bool is_kind(std::string_view text);

/// Fills body_bytes, body_sha256, hash and sig from the other fields and gives the line, without newline.
std::string seal_line(Record& record, const Held& held, const SigningKey& key);

/// The line of a record that has all of them, with these files held beside its body.
std::string line_with(const Record& record, const Held& held);

/// Reads one line without its newline. An error when it is not of the exact form above, or when body_sha256
/// is not the hash of the body; the caller checks n, prev and the signature. `held`, if given, gets the files
/// that the line holds, each checked against its hash in the body; otherwise they are passed over.
Result<Record> parse_line(std::string_view line, Held* held = nullptr);

/// The raw 32 bytes that a signature is made of, or empty when `hex` is no hash.
std::string hash_bytes(std::string_view hex);

}  // namespace casefile::evidence
