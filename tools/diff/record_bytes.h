#pragma once
// A record as bytes, to be kept in a block of memory or a file: its size, its rank, the parts of its key, its
// values.

#include "tools/diff/key_order.h"
#include "tools/diff/side.h"

namespace casefile::tools::diff {

void append_record(std::string& out, const Record& record, std::uint64_t rank);
/// A record whose key is this one part, without values.
void append_key(std::string& out, std::string_view part, std::uint64_t rank);

/// All of these take bytes that append_record() wrote.
constexpr std::size_t record_size_bytes = sizeof(std::uint64_t);
/// Of the whole record; reads its first `record_size_bytes` alone.
std::uint64_t record_size(const char* bytes);
std::uint64_t record_rank(const char* bytes);
Record record_from(const char* bytes);
/// The first part of the key.
std::string_view key_from(const char* bytes);
int compare_records(KeyOrder order, const char* left, const char* right);

}  // namespace casefile::tools::diff
