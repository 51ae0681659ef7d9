#pragma once
// What of an answer is shown: everything goes to the run's file, the beginning of it, within a budget, to the
// caller.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/limits.h"

namespace casefile::tools {

/// Bytes of one channel that an answer may take.
inline std::size_t preview_bytes(const Limits& limits) {
    return static_cast<std::size_t>(limits.preview_tokens_max) * 4;
}

/// Text as it is, so that JSON within stays exact; bytes that are no text, or hold NUL, as {"base64": "…"}.
json::value shown_bytes(std::string_view bytes);

/// A copy of `value` that takes about `left` bytes at most: long texts, arrays and objects end early. Takes
/// what it used off `left`; sets `cut` when something was left out.
json::value shown_within(const json::value& value, std::size_t& left, bool& cut);

/// Drops items from the end until the rest takes at most `left` bytes; the first always stays. Takes what the
/// rest uses off `left`. True when something was dropped.
bool keep_within(std::vector<json::object>& items, std::size_t& left);

/// One document for a run's file: `head`, then the member `name` with one item a line, so that it can be read
/// in pieces.
std::string list_document(const json::object& head, std::string_view name,
                          const std::vector<json::object>& items);
/// Its frame, for lines that are written one by one.
std::string list_begin(const json::object& head, std::string_view name);
inline constexpr std::string_view list_end = "\n]}\n";

}  // namespace casefile::tools
