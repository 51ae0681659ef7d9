#include "policy/card_number.h"

#include <array>
#include <cstdint>
#include <string>

namespace casefile::policy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

struct Issuer {
    int from, to;  ///< of the first four digits
    std::size_t length_min, length_max;
};
constexpr auto issuers = std::to_array<Issuer>({
    {2221, 2720, 16, 16},  // Mastercard
    {3000, 3059, 14, 14},  // Diners
    {3400, 3499, 15, 15},  // American Express
    {3528, 3589, 16, 16},  // JCB
    {3600, 3699, 14, 14},
    {3700, 3799, 15, 15},
    {3800, 3999, 14, 14},
    {4000, 4999, 13, 13},  // Visa
    {4000, 4999, 16, 16},
    {4000, 4999, 19, 19},
    {5100, 5599, 16, 16},
    {6011, 6011, 16, 19},  // Discover
    {6200, 6299, 16, 19},  // UnionPay
    {6440, 6599, 16, 19},
});

bool has_issuer(const std::string& digits) {
    const int first_four = std::stoi(digits.substr(0, 4));
    for (const auto& issuer : issuers)
        if (first_four >= issuer.from && first_four <= issuer.to && digits.size() >= issuer.length_min &&
            digits.size() <= issuer.length_max)
            return true;
    return false;
}

/// Every second digit from the right counts double, and the sum is a multiple of ten.
bool passes_luhn(const std::string& digits) {
    int sum = 0;
    bool twice = false;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
        const int value = (*digit - '0') * (twice ? 2 : 1);
        sum += value > 9 ? value - 9 : value;
    }
    return sum % 10 == 0;
}

}  // namespace

std::size_t card_number_length(std::string_view text) {
    constexpr std::size_t digits_min = 13, digits_max = 19;
    std::string digits;
    char separator = '\0';
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size() && is_digit(text[at]);) {
        digits += text[at++];
        const char next = at < text.size() ? text[at] : '\0';
        if (digits.size() > digits_max) break;
        if (is_digit(next)) continue;
        const bool goes_on = at + 1 < text.size() && is_digit(text[at + 1]);
        if (is_word(next) || (next == '.' && goes_on)) break;
        // A group ends here; what follows may be something else, such as a security code.
        if (digits.size() >= digits_min && has_issuer(digits) && passes_luhn(digits)) longest = at;
        if ((next != ' ' && next != '-') || !goes_on || (separator != '\0' && separator != next)) break;
        separator = next;
        ++at;
    }
    return longest;
}

}  // namespace casefile::policy
