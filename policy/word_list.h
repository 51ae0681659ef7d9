#pragma once
// Sorted lists of names, known when compiling: what policy allows is data that can be read.

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>

namespace casefile::policy {

using WordList = std::span<const std::string_view>;

constexpr bool is_word_list(WordList words) {
    return std::adjacent_find(words.begin(), words.end(), std::greater_equal<>{}) == words.end();
}

/// `words` has to be sorted: check it with a static_assert(is_word_list(…)) beside the list.
inline bool lists(WordList words, std::string_view word) { return std::ranges::binary_search(words, word); }

}  // namespace casefile::policy
