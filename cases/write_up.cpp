#include "cases/write_up.h"

#include "base/text.h"
#include "cases/draft_writer.h"
#include "cases/milestones.h"

namespace casefile::cases {
namespace {

constexpr std::size_t teammate_words_max = 250;

/// From its beginning to its end, as the record tells them.
std::string duration_of(const DraftWriter& writer, const CaseState& state) {
    auto from = milestone(state, "started");
    if (!from) from = milestone(state, "detected");
    const auto until = milestone(state, "recovered");
    if (!from || (until && until->at < from->at)) return {};
    const auto since = writer.time(rfc3339(from->at));
    if (!until) return "not over yet, since " + since;
    return duration_text(until->at - from->at) + ", " + since + " to " + writer.time(rfc3339(until->at)) +
           " (" + from->source + ", " + until->source + ")";
}

std::string recovery_of(const CaseState& state) {
    const auto took = times_of(state).to_recover;
    return took ? duration_text(*took) : "";
}

void record_facts(DraftWriter& writer, const CaseState& state) {
    writer.fact("Date", writer.time(state.opened_at).substr(0, 10));
    writer.fact("Incident", state.id);
    writer.fact("Severity", state.fields.severity.value_or(""));
    writer.fact("Duration", duration_of(writer, state));
    writer.fact("MTTR", recovery_of(state));
    writer.fact("Status", state.status());
}

void impact_section(DraftWriter& writer) {
    writer.section("impact");
    writer.figures_list();
}

/// Only where the case tells it: a part that not every incident has.
void section_if_told(DraftWriter& writer, const CaseState& state, std::string_view key) {
    if (!told(state, key).empty()) writer.section(key);
}

Draft teammate_with(const CaseState& state, const std::string& key_fingerprint, std::size_t findings_max) {
    DraftWriter writer(state, "teammate");
    writer.title("Teammate summary", {.words_max = 10});
    writer.heading("What happened");
    writer.symptoms({.words_max = 18});
    writer.part("root_cause", "- **Cause:** ", {.words_max = 30, .links_max = 2});
    writer.findings_list(findings_max, {.words_max = 24, .links_max = 2});
    writer.section("workaround", {.words_max = 20, .links_max = 2});
    writer.section("eta", {.words_max = 12, .links_max = 1});
    writer.section("data_correction", {.words_max = 25, .links_max = 2});
    return writer.finish(key_fingerprint, 3);
}

/// As many findings as there is room for.
Draft teammate(const CaseState& state, const std::string& key_fingerprint) {
    std::size_t findings_max = 5;
    auto draft = teammate_with(state, key_fingerprint, findings_max);
    while (words_in(draft.text) > teammate_words_max && findings_max > 0)
        draft = teammate_with(state, key_fingerprint, --findings_max);
    return draft;
}

Draft leader(const CaseState& state, const std::string& key_fingerprint) {
    DraftWriter writer(state, "leader");
    writer.title("Leader summary");
    writer.line("");
    record_facts(writer, state);
    impact_section(writer);
    writer.section("root_cause");
    writer.section("detection_gap");
    writer.heading("Prevention");
    writer.actions();
    return writer.finish(key_fingerprint);
}

Draft postmortem(const CaseState& state, const std::string& key_fingerprint) {
    DraftWriter writer(state, "postmortem");
    writer.title("Postmortem");
    writer.line("");
    record_facts(writer, state);
    writer.heading("What happened");
    writer.symptoms();
    writer.findings_list(50);
    impact_section(writer);
    writer.section("root_cause");
    section_if_told(writer, state, "contributing_factor");
    writer.heading("Timeline");
    writer.events();
    writer.section("went_well");
    writer.section("went_wrong");
    writer.section("detection_gap");
    writer.heading("Action items");
    writer.actions();
    writer.section("lesson");
    writer.heading("Evidence");
    writer.evidence();
    return writer.finish(key_fingerprint);
}

Draft report(const CaseState& state, const std::string& key_fingerprint) {
    DraftWriter writer(state, "report");
    writer.title("Incident investigation report");
    writer.line("");
    record_facts(writer, state);
    writer.heading("Summary");
    writer.symptoms();
    writer.findings_list(50);
    writer.section("root_cause");
    writer.section("contributing_factor");
    section_if_told(writer, state, "error_pattern");
    writer.heading("Timeline");
    writer.events();
    impact_section(writer);
    section_if_told(writer, state, "blast_radius");
    writer.section("workaround");
    writer.section("data_correction");
    writer.section("recovery");
    writer.heading("Action items");
    writer.actions();
    writer.heading("Evidence");
    writer.evidence();
    return writer.finish(key_fingerprint);
}

}  // namespace

Result<Draft> write_up(const CaseState& state, const std::string& kind, const std::string& key_fingerprint) {
    if (kind == "teammate") return teammate(state, key_fingerprint);
    if (kind == "leader") return leader(state, key_fingerprint);
    if (kind == "postmortem") return postmortem(state, key_fingerprint);
    if (kind == "report") return report(state, key_fingerprint);
    return invalid("kind: expected teammate, leader, postmortem or report, got '" +
                   printable(shorten(kind, 40)) + "'");
}

}  // namespace casefile::cases
