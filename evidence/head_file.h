#pragma once
// head.json: where the chain ends, signed. It is written when records are on stable storage, without waiting
// for the disk; so it may be behind the chain, but never ahead of it. A chain shorter than its head.json has
// lost its tail.

#include <optional>

#include "evidence/journal.h"

namespace casefile::evidence {

inline constexpr const char* head_name = "head.json";
inline constexpr const char* chain_name = "chain.jsonl";

struct HeadFile {
    Head head;
    std::string at;
    std::string public_key;
};

/// What the key signs of a document like this: the hash of its canonical JSON without the signature, raw.
std::string signed_bytes(const json::object& part);
/// A count that such a document tells; 0 where it is none.
std::uint64_t count_at(const json::object& object, std::string_view key);

std::string write_head(const Head& head, const std::string& at, const SigningKey& key);

/// An error unless the text is exactly what write_head() makes, and signed by the key that it names.
Result<HeadFile> parse_head(std::string_view text);

/// Puts the head into head.json, unless that tells of as many records already. Under the exclusive lock of
/// the chain, as readers take the shared one. True when it was written.
Result<bool> advance_head(int case_folder, const Head& head, const std::string& at, const SigningKey& key);

/// Nothing when the folder has no head.json.
Result<std::optional<HeadFile>> load_head(int case_folder);

}  // namespace casefile::evidence
