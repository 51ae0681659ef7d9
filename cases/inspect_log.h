#pragma once
// The investigation log: <topic>.<run_id>.inspect.md, plain Markdown made from the case alone.

#include <functional>

#include "cases/case.h"

namespace casefile::cases {

/// Takes a text piece by piece, as that of a case with thousands of runs takes megabytes.
using TakeText = std::function<void(std::string_view)>;
inline constexpr std::size_t text_piece_bytes = 64 * 1024;  ///< about so many at a time

std::string inspect_file_name(const CaseState& state);
void write_inspect_log(const CaseState& state, const std::string& key_fingerprint, const TakeText& take);
std::string render_inspect_log(const CaseState& state, const std::string& key_fingerprint);
/// case.json, pretty enough to read.
void write_case_json(const CaseState& state, const std::string& key_fingerprint, const TakeText& take);
std::string render_case_json(const CaseState& state, const std::string& key_fingerprint);

}  // namespace casefile::cases
