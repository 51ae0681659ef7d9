#pragma once
// Numbers of payment cards, told from other numbers by issuer, length and check digit.

#include <cstddef>
#include <string_view>

namespace casefile::policy {

/// How many characters at the start of `text` are a card number, also one in groups (4111 1111 …,
/// 4111-1111-…), 0 for none. What follows it is no digit, letter or fraction.
std::size_t card_number_length(std::string_view text);

}  // namespace casefile::policy
