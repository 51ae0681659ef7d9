#pragma once
// The incident report for a terminal or a chat: monospaced, with rules and boxes.

#include "cases/write_up.h"

namespace casefile::cases {

Draft box_report(const CaseState& state, const std::string& key_fingerprint);

}  // namespace casefile::cases
