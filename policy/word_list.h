#pragma once
// Lists of names, written as text: what policy allows is data that can be read.

#include <string_view>

namespace casefile::policy {

/// Names with a space between each two: "ABS ACOS ASIN".
using WordList = std::string_view;

constexpr bool lists(WordList words, std::string_view word) {
    if (word.empty() || word.find(' ') != std::string_view::npos) return false;
    for (auto at = words.find(word); at != WordList::npos; at = words.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
    }
    return false;
}

}  // namespace casefile::policy
