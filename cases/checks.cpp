#include "cases/checks.h"

#include "base/text.h"
#include "cases/vocabulary.h"

namespace casefile::cases {
namespace {

constexpr std::size_t topic_bytes_max = 200;
constexpr std::size_t body_bytes_max = 1'048'576;

std::string shown(std::string_view text) { return "'" + printable(shorten(text, 60)) + "'"; }

Result<void> check_window(const TimeWindow& window) {
    // People also give times without a date or an offset, so only what can be compared is compared.
    const auto start = parse_rfc3339(window.start), end = parse_rfc3339(window.end);
    if (start && end && *end < *start)
        return invalid("time_window.end: expected a time after " + shown(window.start) + ", got " +
                       shown(window.end));
    return {};
}

}  // namespace

Result<CaseFields> checked_opening(const CaseFields& fields) {
    if (!fields.topic) return invalid("topic: expected a short title, got nothing");
    return checked_changes(fields);
}

Result<CaseFields> checked_changes(const CaseFields& changes) {
    auto out = changes;
    if (out.topic) {
        out.topic = std::string(trim(*out.topic));
        if (out.topic->empty() || out.topic->size() > topic_bytes_max)
            return invalid("topic: expected 1.." + std::to_string(topic_bytes_max) + " bytes, got " +
                           std::to_string(out.topic->size()));
    }
    if (out.severity) {
        // An unknown word takes the middle way, and is asked about; a known one settles it.
        const auto severity = read_severity(*out.severity);
        if (!severity) {
            if (!out.metadata) out.metadata.emplace();
            (*out.metadata)[severity_as_told_key] = printable(shorten(*out.severity, 40));
        }
        out.severity = severity ? *severity : default_severity;
    }
    if (out.status)
        if (auto done = check_status(*out.status); !done) return done.error();
    if (out.stage)
        if (auto done = check_stage(*out.stage); !done) return done.error();
    if (out.framing)
        if (auto done = check_framing(*out.framing); !done) return done.error();
    if (out.time_window)
        if (auto done = check_window(*out.time_window); !done) return done.error();
    return out;
}

Result<Entry> checked_entry(Entry entry, const CaseState& state) {
    const auto one_of = [](const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (!one_of(entry_kinds(), entry.kind))
        return invalid("kind: expected " + join(entry_kinds(), ", ") + ", got " + shown(entry.kind));
    if (entry.kind == "hypothesis") {
        if (entry.state.empty()) entry.state = "open";
        if (!one_of(hypothesis_states(), entry.state))
            return invalid("state: expected " + join(hypothesis_states(), ", ") + ", got " +
                           shown(entry.state));
    }
    if (trim(entry.text).empty() && (entry.kind != "hypothesis" || entry.key.empty()))
        return invalid("text: expected what is to be written down, got nothing");
    if (is_memory_key(entry.key) && !entry.value.is_null() && !entry.value.is_object())
        return invalid("value: expected a JSON object under the key " + entry.key + ", got " +
                       type_name(entry.value));
    if (!entry.happened_at.empty())
        if (auto at = parse_rfc3339(entry.happened_at); !at)
            return invalid("at: expected a time such as 2026-11-22T14:23:00+01:00, got " +
                           shown(entry.happened_at));
    for (auto& citation : entry.evidence) {
        // One that leads nowhere is worse than none.
        const auto run = state.run_meant_by(citation);
        if (!run)
            return invalid("evidence: expected ids or numbers of runs of this case, got " + shown(citation),
                           "read_evidence without run lists them");
        citation = run->run_id;
    }
    return entry;
}

Result<void> check_grant(const Grant& grant) {
    if (grant.env.empty()) return invalid("grant: expected an environment, got none");
    if (!parse_rfc3339(grant.expires_at))
        return invalid("grant: expected a time at which it ends, got " + shown(grant.expires_at));
    return {};
}

Result<void> check_body(const json::object& body) {
    const auto bytes = canonical(body);
    if (!is_utf8(bytes)) return invalid("text: expected UTF-8, got other bytes");
    if (bytes.size() > body_bytes_max)
        return Error{ErrorKind::limit_reached,
                     "text: expected at most " + std::to_string(body_bytes_max) + " bytes in all, got " +
                         std::to_string(bytes.size()),
                     "write less, or file it with casefile attach"};
    return {};
}

}  // namespace casefile::cases
