#pragma once
// The investigation log: <topic>.<run_id>.inspect.md, plain Markdown made from the case alone.

#include "cases/case.h"

namespace casefile::cases {

std::string inspect_file_name(const CaseState& state);
std::string render_inspect_log(const CaseState& state, const std::string& key_fingerprint);
/// case.json, pretty enough to read.
std::string render_case_json(const CaseState& state, const std::string& key_fingerprint);

}  // namespace casefile::cases
