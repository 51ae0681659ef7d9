#pragma once
// What should be there before a case goes on. A gate never holds anybody up: it warns, and that somebody went
// on all the same is recorded.

#include "cases/case.h"

namespace casefile::cases {

/// What is missing for the case to come to `status`; empty when nothing is.
std::vector<std::string> gate_to_status(const CaseState& state, std::string_view status);

/// What is missing for a fix to be recorded, or the funnel to come to its last stage.
std::vector<std::string> gate_to_fix(const CaseState& state);

/// The record that somebody went on without `missing`.
Entry override_entry(const std::string& what, const std::vector<std::string>& missing);

}  // namespace casefile::cases
