#include "cases/pattern.h"

#include "base/text.h"
#include "cases/signature.h"
#include "cases/told.h"

namespace casefile::cases {

std::optional<Entry> pattern_of(const CaseState& state, const std::optional<std::string>& cause,
                                const std::optional<std::string>& fix) {
    const auto causes = told(state, "root_cause");
    const auto fixes = newest_of(state, "fix");
    const auto behind = cause.value_or(causes.empty() ? "" : causes.back().text);
    if (trim(behind).empty()) return std::nullopt;
    Entry entry;
    entry.kind = "pattern";
    entry.key = "pattern";
    entry.text = signature_of(state);
    if (!causes.empty()) entry.evidence = causes.back().evidence;
    entry.value = json::object{{"signature", entry.text},
                               {"cause", behind},
                               {"fix", fix.value_or(fixes.empty() ? "" : fixes.back().text)}};
    return entry;
}

}  // namespace casefile::cases
