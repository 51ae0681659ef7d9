#pragma once
// What an error says once everything that changes from one time to the next is taken out of it.

#include "cases/case.h"

namespace casefile::cases {

/// The telling line of an error or a trace, in lower case, with numbers, ids, paths, addresses, times and
/// quoted texts replaced by <n>, <id>, <path>, <url> and <text>. At most 300 bytes.
std::string signature_of(std::string_view error);

/// Of the case: from framing.error_sample, otherwise from what is seen, otherwise from the topic.
std::string signature_of(const CaseState& state);

/// The text with such things replaced, its words and their case otherwise as they are. What holds a
/// placeholder already stays.
std::string in_general_words(std::string_view text);

/// The words that a search for similar cases uses: of the signature, the topic and what is seen; without
/// placeholders, each once, at most 24.
std::vector<std::string> telling_words(const CaseState& state);

}  // namespace casefile::cases
