#pragma once
// What a case tells to the prompts that are filled in from it: a few short texts by name.

#include "cases/case.h"

namespace casefile::cases {

/// By name: brief, hypotheses, findings, runs, questions, changes, handoff, actions, fixes. Lines of
/// Markdown, printable, each text within its own limit so that a prompt stays short; a name of which the case
/// tells nothing is absent.
std::map<std::string, std::string> prompt_facts(const CaseState& state);

}  // namespace casefile::cases
