#include "cases/gates.h"

#include "base/text.h"
#include "cases/told.h"
#include "cases/vocabulary.h"

namespace casefile::cases {
namespace {

bool has_draft(const CaseState& state, std::string_view kind) {
    return std::any_of(state.drafts.begin(), state.drafts.end(),
                       [&](const json::object& draft) { return string_or(draft, "kind") == kind; });
}

bool has_supported(const CaseState& state) {
    const auto all = hypotheses(state);
    return std::any_of(all.begin(), all.end(), [&](const Entry& one) {
        return one.state == "supported" && !runs_with_data(state, one.evidence).empty();
    });
}

/// An entry that says so, with a run behind it that shows data.
bool symptom_is_rechecked(const CaseState& state) {
    for (const auto& entry : state.entries) {
        if (entry.key != "recheck" && entry.key != "recovery") continue;
        if (!runs_with_data(state, cited_runs(state, entry.text, entry.evidence)).empty()) return true;
    }
    return false;
}

void check_resolving(const CaseState& state, std::vector<std::string>& missing) {
    if (!symptom_is_rechecked(state))
        missing.emplace_back(
            "the original symptom was not checked again: repeat the read that showed it and write_log key "
            "recheck with that run");
    const bool fixed = !newest_of(state, "fix").empty();
    if (fixed && told(state, "root_cause").empty())
        missing.emplace_back(
            "a fix is recorded but no root cause: why did it happen, and not only how does it stop?");
}

void check_closing(const CaseState& state, std::vector<std::string>& missing) {
    if (!has_draft(state, "teammate"))
        missing.emplace_back("teammate summary: draft_postmortem kind teammate");
    if (!has_draft(state, "leader")) missing.emplace_back("leader summary: draft_postmortem kind leader");
    const auto severity = state.fields.severity.value_or(default_severity);
    if ((severity == "P0" || severity == "P1") && !has_draft(state, "postmortem"))
        missing.emplace_back("postmortem, required for " + severity + ": draft_postmortem kind postmortem");
    if (!has_draft(state, "learn-project")) missing.emplace_back("learn pack of the project: learn");
    if (!has_draft(state, "learn-global")) missing.emplace_back("global learn pack: learn");
}

}  // namespace

std::vector<std::string> gate_to_status(const CaseState& state, std::string_view status) {
    std::vector<std::string> missing;
    const auto was = [&](std::string_view earlier) {
        return std::any_of(state.statuses.begin(), state.statuses.end(),
                           [&](const auto& one) { return one.second == earlier; });
    };
    if (status == "identified" && !has_supported(state) && told(state, "root_cause").empty())
        missing.emplace_back("no hypothesis is supported by a run, and no root cause is told");
    if (status == "resolved" || (status == "closed" && !was("resolved"))) check_resolving(state, missing);
    if (status == "closed") check_closing(state, missing);
    return missing;
}

std::vector<std::string> gate_to_fix(const CaseState& state) {
    if (has_supported(state)) return {};
    return {"no hypothesis is supported by a run: the fix may hide a symptom"};
}

Entry override_entry(const std::string& what, const std::vector<std::string>& missing) {
    Entry entry;
    entry.kind = "override";
    entry.key = what;
    entry.text = "went on to " + what + " without: " + join(missing, "; ");
    entry.value = json::object{{"missing", json::array(missing.begin(), missing.end())}};
    return entry;
}

}  // namespace casefile::cases
