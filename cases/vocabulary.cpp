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
    struct Spelling {
        const char *severity, *longer;
    };
    static constexpr Spelling spellings[] = {
        {"P0", "p0_critical"}, {"P1", "p1_high"}, {"P2", "p2_medium"}, {"P3", "p3_low"}};
    for (const auto& one : spellings)
        if (equals_ignoring_case(text, one.severity) || equals_ignoring_case(text, one.longer))
            return one.severity;
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
    static const std::vector<std::string> kinds{"note", "step", "hypothesis", "finding", "decision", "event"};
    return kinds;
}

const std::vector<std::string>& hypothesis_states() {
    static const std::vector<std::string> states{"open", "supported", "refuted", "set aside"};
    return states;
}

const std::vector<KnownKey>& known_keys() {
    static const std::vector<KnownKey> keys{
        {"impact", "Impact", "who and what was affected, how much and for how long?", false, true},
        {"root_cause", "Root cause", "what caused it, and which runs show it?", false, true},
        {"contributing_factor", "Contributing factors", "what made it possible or worse?", true, false},
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
