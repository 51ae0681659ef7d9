#include "cases/vocabulary.h"

#include <cassert>

#include "base/text.h"

namespace casefile::cases {
namespace {

const std::vector<std::string>& statuses() {
    static const std::vector<std::string> names{"open",      "investigating", "identified",
                                                "mitigated", "resolved",      "closed"};
    return names;
}

/// The place of `status` in the order; its size for an unknown one.
std::size_t place_of(std::string_view status) {
    const auto& names = statuses();
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), status) - names.begin());
}

}  // namespace

Result<std::string> read_severity(std::string_view text) {
    static const std::vector<std::vector<std::string>> spellings{{"P0", "p0_critical", "SEV0", "critical"},
                                                                 {"P1", "p1_high", "SEV1", "high"},
                                                                 {"P2", "p2_medium", "SEV2", "medium"},
                                                                 {"P3", "p3_low", "SEV3", "low"}};
    for (const auto& severity : spellings)
        for (const auto& one : severity)
            if (equals_ignoring_case(text, one)) return severity.front();
    return invalid("severity: expected P0 (p0_critical), P1 (p1_high), P2 (p2_medium) or P3 (p3_low), got '" +
                   printable(shorten(text, 40)) + "'");
}

Result<void> check_status(std::string_view status) {
    if (place_of(status) < statuses().size()) return {};
    return invalid("status: expected " + join(statuses(), ", ") + ", got '" + printable(shorten(status, 40)) +
                   "'");
}

Result<void> check_step(std::string_view from, std::string_view to) {
    if (auto done = check_status(to); !done) return done.error();
    const bool reopened = to == "investigating" && (from == "resolved" || from == "closed");
    if (place_of(to) >= place_of(from) || reopened) return {};
    auto next = std::vector<std::string>(statuses().begin() + static_cast<std::ptrdiff_t>(place_of(from)) + 1,
                                         statuses().end());
    if (from == "resolved" || from == "closed") next.emplace_back("investigating (reopens the case)");
    return invalid(
        "status: expected " + join(next, ", ") + " after " + std::string(from) + ", got " + std::string(to),
        "a case goes forward in any step, and back only from resolved or closed, to investigating");
}

bool is_past_finding(std::string_view status) { return place_of(status) >= place_of("identified"); }

const std::vector<std::string>& entry_kinds() {
    static const std::vector<std::string> kinds{"note",     "step", "hypothesis", "finding", "decision",
                                                "event",    "plan", "figure",     "action",  "handoff",
                                                "analysis", "fix",  "pattern",    "override"};
    return kinds;
}

const std::vector<std::string>& stages() {
    static const std::vector<std::string> names{"wide", "narrow", "focused", "fix"};
    return names;
}

Result<void> check_stage(std::string_view stage) {
    if (std::find(stages().begin(), stages().end(), stage) != stages().end()) return {};
    return invalid("stage: expected " + join(stages(), ", ") + ", got '" + printable(shorten(stage, 40)) +
                   "'");
}

const std::vector<FramingKey>& framing_keys() {
    static const std::vector<FramingKey> keys{
        {"since", "Since"},
        {"frequency", "Frequency"},
        {"reported_by", "User reports"},
        {"changes", "Changes"},
        {"error_sample", "Error sample"},
        {"checked", "Already checked"},
        {"alert", "Alert"},
        {"service", "Service"},
        {"endpoint", "Endpoint"},
        {"status_code", "Status code"},
        {"impact", "Impact as reported"},
        {"priority", "Priority as reported"},
        {"access", "Access"},
    };
    return keys;
}

Result<void> check_framing(const json::object& framing) {
    std::vector<std::string> names;
    for (const auto& one : framing_keys()) names.emplace_back(one.key);
    for (const auto& pair : framing)
        if (std::find(names.begin(), names.end(), pair.key()) == names.end())
            return invalid(
                "framing." + printable(shorten(pair.key(), 40)) + ": expected one of " + join(names, ", "),
                "anything else goes into metadata");
    return {};
}

const std::vector<std::string>& memory_keys() {
    static const std::vector<std::string> keys{
        "alert_details", "metrics_snapshot", "log_analysis", "trace_analysis", "impact_assessment",
        "fix_design",    "fix_validation",   "deployment",   "recovery",       "reproduction"};
    return keys;
}

bool is_memory_key(std::string_view key) {
    return std::find(memory_keys().begin(), memory_keys().end(), key) != memory_keys().end();
}

const std::vector<std::string>& hypothesis_states() {
    static const std::vector<std::string> states{"open", "supported", "refuted", "set aside"};
    return states;
}

std::string hypothesis_state(const std::string& argument) {
    return argument == "set_aside" ? "set aside" : argument;
}

const std::vector<KnownKey>& known_keys() {
    static const std::vector<KnownKey> keys{
        {"impact", "Impact", "who and what was affected, how much and for how long?", false, true},
        {"root_cause", "Root cause", "what caused it, and which runs show it?", false, true},
        {"contributing_factor", "Contributing factors", "what made it possible or worse?", true, false},
        {"error_pattern", "Error pattern", "which errors, and in which shares?", true, false},
        {"blast_radius", "Blast radius", "which systems, tables, topics and users did it reach?", true,
         false},
        {"workaround", "Workaround", "what can people do until it is right?", false, true},
        {"eta", "When it is right again", "when is it right again?", false, true},
        {"data_correction", "Data correction plan", "how is the wrong data put right, and who reviews it?",
         false, true},
        {"recovery", "Recovery actions", "what brought the service back?", true, false},
        {"detection_gap", "Detection gap", "why was it not noticed earlier?", false, true},
        {"action", "Action items", "what prevents it from happening again, who does it, and by when?", true,
         true},
        {"went_well", "What went well", "what helped?", true, false},
        {"went_wrong", "What went wrong", "what stood in the way?", true, false},
        {"lesson", "Lessons", "what should the next investigator know?", true, false},
        {"open_question", "Open questions", "what is still unclear?", true, false},
    };
    return keys;
}

const KnownKey& known_key(std::string_view key) {
    for (const auto& one : known_keys())
        if (one.key == key) return one;
    assert(false && "not a known key");
    return known_keys().front();
}

}  // namespace casefile::cases
