#pragma once
// How the values of a field are to be read, where the two sides write the same thing differently.

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "tools/diff/value.h"

namespace casefile::tools::diff {

/// Declared per field; nothing of it is ever guessed.
struct Reading {
    bool trim = false;         ///< white space at both ends does not count
    bool ignore_case = false;  ///< of letters in any script, one for one
    bool set = false;          ///< a JSON array, or texts with commas between: order and repeats do not count
    bool truth = false;        ///< yes/no, y/n, t/f, on/off, 1/0 and the bytes 1 and 0 are true and false
    bool null = false;         ///< '', NULL, \N, None and nil, as texts, are NULL
    int epoch_digits = -1;     ///< numbers are seconds (0), milliseconds (3) or microseconds (6) since 1970

    bool operator==(const Reading&) const = default;
    bool is_plain() const { return *this == Reading{}; }
};

/// "trim case set bool null epoch_s epoch_ms epoch_us": any of them, by spaces or commas. `field` is for the
/// error.
Result<Reading> parse_reading(std::string_view field, std::string_view words);

/// The words of it, as parse_reading() takes them.
std::string words_of(const Reading& reading);

/// The value that is compared.
Value read_as(const Reading& reading, const Value& value);

}  // namespace casefile::tools::diff
