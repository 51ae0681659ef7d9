#pragma once
// The incident as one page of Markdown for a wiki of notes: eleven parts, and tags.

#include "cases/case.h"

namespace casefile::cases {

/// "Incident INC-2026-11-22-001.md".
std::string page_file_name(const CaseState& state);

/// Status, severity, started, duration, summary, impact, root cause, timeline, next steps, metrics, tags;
/// after them the versions before this one, by their times.
std::string incident_page(const CaseState& state, const std::string& key_fingerprint,
                          const std::vector<std::string>& earlier);

}  // namespace casefile::cases
