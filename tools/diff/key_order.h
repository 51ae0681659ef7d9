#pragma once
// In which order keys come.

#include <cstdint>
#include <string_view>

#include "tools/diff/key_template.h"

namespace casefile::tools::diff {

enum class KeyOrder {
    by_value,  ///< 9 before 10, numbers before texts, texts by their bytes: for people
    by_hash    ///< any order, the same for equal keys: quick
};

/// What decides most comparisons: keys of a lower rank come first. Keys of one rank may still differ.
std::uint64_t rank_of(KeyOrder order, const Key& key);
/// Of a key of this one part.
std::uint64_t rank_of(KeyOrder order, std::string_view part);

/// Negative, zero or positive; zero only for the same bytes.
int compare_parts(KeyOrder order, std::string_view left, std::string_view right);
int compare_keys(KeyOrder order, const Key& left, const Key& right);

}  // namespace casefile::tools::diff
