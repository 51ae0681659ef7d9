#pragma once
// Names that nobody can guess, and names that sort by time.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace casefile {

/// `bytes` random bytes from the kernel, as hexadecimal digits.
std::string random_hex(std::size_t bytes);

/// "20261122_140203_<8 hex digits>", which sorts by time.
std::string make_run_id(WallTime at);
bool is_run_id(std::string_view text);

/// "INC-YYYY-MM-DD-NNN" with three or more digits at the end.
bool is_case_id(std::string_view text);

/// A case that came from elsewhere keeps its id; behind it stand the first digits of the fingerprint of the
/// key that signed it: "INC-2026-11-22-001@1a2b3c4d".
struct ImportedId {
    std::string case_id, key_digits;
};
std::optional<ImportedId> parse_imported_id(std::string_view text);
std::string imported_id(std::string_view case_id, std::string_view key_fingerprint);

}  // namespace casefile
