#pragma once
// A case as the fold of its journal: the same records give the same case, in any process, at any time.

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "base/source_kind.h"
#include "cases/run_lines.h"
#include "evidence/journal.h"

namespace casefile::cases {

struct TimeWindow {
    std::string start, end, timezone;
};
struct Symptoms {
    std::string expected, actual;
};

/// What a person or a model says of the case; every field may come later. Absent means: leave as it is.
/// Members of entity_ids, metadata and framing are added to those that are there; null takes one away.
struct CaseFields {
    std::optional<std::string> topic, env, severity, entrypoint, notes, root_cause, impact;
    std::optional<std::string> stage;  ///< of the funnel: wide, narrow, focused, fix
    /// What is told before anybody looks at data: see framing_keys().
    std::optional<json::object> entity_ids, metadata, framing;
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
    json::array fingerprints;                      ///< as shown to the human
    /// Where the word was given: `client`, `terminal` and `processes`, the program that took it first and
    /// then those that started it.
    json::object witness;
    std::string question;  ///< the id of the question that was answered, which counts once; may be empty
    /// Why this record ends the grant before it: what stands there now is not what was confirmed. Such a
    /// record gives nothing.
    std::string suspended;
};
/// Shared by all who look at it: every call does.
using GrantPtr = std::shared_ptr<const Grant>;
json::object write_grant(const Grant& grant);
Grant read_grant(const json::object& body);

/// Something thought, seen or decided; entry_kinds() lists what it can be. A hypothesis, a step of the plan,
/// a figure, an action and a fix are changed by writing them again with the same key.
struct Entry {
    std::uint64_t n = 0;  ///< of its journal record
    std::string at;       ///< when it was written
    std::string by;
    std::string kind, key, text, state, source;
    std::string happened_at;            ///< events: when it happened
    std::vector<std::string> evidence;  ///< run ids
    json::value value;
};
json::object write_entry(const Entry& entry);
/// From the record's body; n and at are the record's.
Entry read_entry(const json::object& body);

struct CaseState {
    std::string id, principal, opened_at, changed_at, opened_run_id;
    std::string opened_topic;  ///< names the inspect log, so that its name stays when the topic changes
    CaseFields fields;
    std::vector<std::pair<std::string, std::string>> statuses;  ///< time, status
    std::vector<GrantPtr> grants;
    std::vector<Entry> entries;
    RunLines runs;
    std::vector<json::object> drafts, attachments;
    json::object closing;      ///< count and root of the last closing record, and its number in `record`
    std::uint64_t count = 0;   ///< records folded in
    std::string head;          ///< hash of the last
    std::string imported_key;  ///< fingerprint of the key that signed an imported case; empty for one's own

    /// Folds in the next record. A status that cannot follow the present one is left out, so that of two
    /// processes that change it at once, one wins, and all readers agree which.
    void apply(const evidence::Record& record);

    std::string topic() const { return fields.topic.value_or(""); }
    std::string status() const { return fields.status.value_or("open"); }
    /// Nothing when the case has no such run.
    std::optional<RunLine> run(const std::string& run_id) const;
    /// The same by what people and models say: its id, or its number in the case.
    std::optional<RunLine> run_meant_by(const std::string& name) const;
    /// What should still be told: environment, ids, window, symptoms; once the cause is known, what the
    /// write-ups need.
    std::vector<std::string> questions() const;
    /// What goes into every input file: time_window, entity_ids and notes always, the rest when told.
    json::object context() const;
};

}  // namespace casefile::cases
