#pragma once
// A case as the fold of its journal: the same records give the same case, in any process, at any time.

#include <map>
#include <optional>

#include "base/source_kind.h"
#include "evidence/journal.h"

namespace casefile::cases {

struct TimeWindow {
    std::string start, end, timezone;
};
struct Symptoms {
    std::string expected, actual;
};

/// What a person or a model says of the case; every field may come later. Absent means: leave as it is.
struct CaseFields {
    std::optional<std::string> topic, env, severity, entrypoint, notes, root_cause, impact;
    std::optional<json::object> entity_ids, metadata;
    std::optional<TimeWindow> time_window;
    std::optional<Symptoms> symptoms;
    std::optional<std::vector<std::string>> tags;
    std::optional<std::string> status;  ///< open, investigating, identified, mitigated, resolved, closed
};
json::object write_fields(const CaseFields& fields);
CaseFields read_fields(const json::object& body);

/// A human's confirmation. It counts only while its record verifies and its time lasts.
struct Grant {
    std::uint64_t record = 0;  ///< n of its journal record
    std::string record_hash;
    std::string env, principal, confirmed_by;
    std::string how;  ///< "form", "terminal", "operator flag"
    std::string given_at, expires_at;
    std::vector<SourceKind> sources;
    std::map<std::string, std::string> variables;  ///< variable name to endpoint, without secrets
    json::array fingerprints;                       ///< as shown to the human
};
json::object write_grant(const Grant& grant);
Grant read_grant(const json::object& body);

/// Something thought or seen: note, step, hypothesis, finding, decision, event (for the timeline).
struct Entry {
    std::uint64_t n = 0;  ///< of its journal record; a hypothesis is changed by writing it again with the same key
    std::string at;       ///< when it was written
    std::string by;
    std::string kind, key, text, state, source;
    std::string happened_at;          ///< events: when it happened
    std::vector<std::string> evidence;  ///< run ids
    json::value value;
};
json::object write_entry(const Entry& entry);

struct RunLine {
    std::uint64_t seq = 0;
    std::string run_id, tool, task, env, opened_at, sealed_at, outcome, folder;
    std::string summary;  ///< one line: what came out, or why not
    std::vector<std::string> files;
};

struct CaseState {
    std::string id, principal, opened_at, opened_run_id;
    CaseFields fields;
    std::vector<std::pair<std::string, std::string>> statuses;  ///< time, status
    std::vector<Grant> grants;
    std::vector<Entry> entries;
    std::vector<RunLine> runs;
    std::vector<json::object> drafts, attachments;
    std::uint64_t count = 0;  ///< records folded in
    std::string head;         ///< hash of the last

    void apply(const evidence::Record& record);

    std::string topic() const { return fields.topic.value_or(""); }
    std::string status() const { return fields.status.value_or("open"); }
    /// What should still be told: environment, ids, window, symptoms.
    std::vector<std::string> questions() const;
    /// What goes into every input file.
    json::object context() const;
};

}  // namespace casefile::cases
