#pragma once
// The words of a case: severities, statuses and their order, kinds of entries, and the keys that write-ups
// look for.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace casefile::cases {

/// "P0" to "P3" from P0, p1, p2_medium, SEV2, critical and the like.
Result<std::string> read_severity(std::string_view text);

/// Taken where none is told, and where what is told is none.
inline constexpr const char* default_severity = "P2";
/// The member of metadata that keeps a severity which nobody knows.
inline constexpr const char* severity_as_told_key = "severity_as_told";

Result<void> check_status(std::string_view status);

/// Forward to any later status; back only from resolved or closed, to investigating. The same again is no
/// change.
Result<void> check_step(std::string_view from, std::string_view to);

/// True once the cause is said to be known: identified or later.
bool is_past_finding(std::string_view status);

/// The stages of the funnel: wide, narrow, focused, fix.
const std::vector<std::string>& stages();
Result<void> check_stage(std::string_view stage);

/// A part of the framing of a case, and what it is called in a log.
struct FramingKey {
    std::string_view key, title;
};
/// In the order in which a reader wants them.
const std::vector<FramingKey>& framing_keys();
Result<void> check_framing(const json::object& framing);

/// Keys of write_log whose value is an object: what the stages of an incident leave for one another.
const std::vector<std::string>& memory_keys();
bool is_memory_key(std::string_view key);

/// note, step, hypothesis, finding, decision and event are written by people and models; plan, figure,
/// action, handoff, analysis, fix, pattern and override by the tools of that name.
const std::vector<std::string>& entry_kinds();
/// open, supported, refuted, set aside.
const std::vector<std::string>& hypothesis_states();
/// A state as a tool's argument spells it: "set_aside" is set aside.
std::string hypothesis_state(const std::string& argument);

/// A key that gives an entry of any kind a meaning: `write_log key=workaround text="…"`.
struct KnownKey {
    std::string_view key;
    std::string_view title;
    std::string_view question;  ///< what the entry answers; asked while nobody has
    bool many;                  ///< every entry counts; otherwise the newest
    bool asked;                 ///< get_case asks for it once the cause is known
};

/// All of them, in the order of a story. An entry may add a name of its own after a dot ("action.1"): written
/// again under the same full key, it replaces the earlier one; with the state "withdrawn" or "answered" it no
/// longer counts. Entries with the key "action" hold {owner, due} in their value.
const std::vector<KnownKey>& known_keys();
const KnownKey& known_key(std::string_view key);

}  // namespace casefile::cases
