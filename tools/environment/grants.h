#pragma once
// How an environment gets confirmed: the probe, the question, the record. Only a human's answer gives a
// grant: in a form of the client, at a terminal by `casefile confirm`, or in advance by the operator's
// --confirm.

#include "cases/case.h"
#include "evidence/run.h"
#include "mcp/tool.h"
#include "policy/gate.h"
#include "tools/environment/human_word.h"
#include "tools/workbench.h"

namespace casefile::tools {

struct Call;

/// The newest grant of the case for `env`, given now when the operator confirmed the environment in advance.
Result<cases::GrantPtr> current_grant(Workbench& bench, const std::string& case_id, const std::string& env,
                                      mcp::CallContext& context);

/// What of an identity differs from the one that the human saw, one line each: "hostname: confirmed "a", now
/// "b"". `restarted` is set when it is the run of a Redis server alone.
struct Drift {
    std::vector<std::string> lines;
    bool restarted = false;
};
Drift drift_between(const json::object& confirmed, const json::object& now);

/// For Control::admit: refuses a source that differs from what was confirmed, and tells `on_drift` which
/// grant is worth nothing any more, and why.
sources::Admission admission(std::vector<cases::GrantPtr> grants,
                             std::function<void(const cases::Grant&, const std::string& why)> on_drift);

/// What differs among the facts that may move without a human's word, such as version and role: `version:
/// confirmed "a", now "b"; the confirmation lasts`. Facts that `now` does not tell are left out.
std::vector<std::string> moved_since(const json::object& confirmed, const json::object& now);

/// Lets the call ask the sources of these grants alone, as admission() says. What moved_since() tells of them
/// goes into `moved`, which has to outlive the call's work, with the variable before it.
void admit_only(const std::vector<cases::GrantPtr>& grants,
                std::function<void(const cases::Grant&, const std::string& why)> on_drift, Call& call,
                std::set<std::string>& moved);

/// Ends the grant in the case's record, for good: a human has to see what is there now.
Result<void> suspend(Workbench& bench, const std::string& case_id, const cases::Grant& grant,
                     const std::string& why);

/// Nothing while every source of the grant is still where it was confirmed: same address, database and
/// account. Else `denied`, with the variable that is not set here, or names something else now.
std::optional<Error> unbound(const Workbench& bench, const cases::Grant& grant);

policy::GrantView view_of(const cases::Grant& grant);

/// Asks each source of `env` (or only `kinds`) who it is. Sources that do not answer come as problems.
struct Probe {
    std::vector<sources::Fingerprint> fingerprints;
    std::vector<Error> problems;
    std::vector<std::string> unlike;  ///< what differs from the last time, where somebody looked: last_seen.h
};
Probe probe(Workbench& bench, const std::string& env, const std::vector<SourceKind>& kinds,
            const sources::Control& control);
json::object write_fingerprint(const sources::Fingerprint& fingerprint);

/// Files each fingerprint as an output of the run, and what was asked for it, and what failed, in its log.
Result<void> file_fingerprints(const Probe& found, evidence::Run& run);

/// A probe outside of a tool call: at a terminal, or by the operator's flag. Who asks, and why.
struct ProbeRequest {
    std::string env;
    std::vector<SourceKind> kinds;  ///< empty: every source of the environment
    std::string task;
    std::string because;  ///< for the script: "casefile confirm", "--confirm"
    std::string principal, client, traceparent;
};

/// The probe, filed as a run that the caller seals with the outcome. A probe that no source answered is
/// sealed as failed and comes as the error.
struct FiledProbe {
    Probe found;
    evidence::Run run;
};
Result<FiledProbe> probe_as_run(Workbench& bench, const std::string& case_id, const ProbeRequest& request,
                                const sources::Control& control);

/// What has to stay the same between the question and the answer, and while a grant lasts.
std::string identity_digest(const std::vector<sources::Fingerprint>& fingerprints);

/// The question, made of the fingerprints: who is really behind the tunnels, and whether the account could
/// write.
HumanAsked confirmation_of(const std::string& env);
mcp::Question confirmation_question(const policy::Rules& rules, const std::string& env, const Probe& probe);

/// The entries that hold it have this key, which no client may write.
inline constexpr std::string_view declined_key = "declined";
/// That the human said no, or not enough.
struct Refusal {
    std::string env, why;
    std::string how;       ///< "form" or "terminal"
    std::string question;  ///< empty at a terminal
    bool final = false;    ///< the human declined
};
/// Kept in the case like a yes.
Result<void> note_refusal(Workbench& bench, const std::string& case_id, const std::string& principal,
                          const Refusal& refusal);
/// When the human declined `env` for this principal, RFC 3339; empty where no decline stands behind the last
/// yes.
Result<std::string> declined_at(Workbench& bench, const std::string& case_id, const std::string& principal,
                                const std::string& env);
/// Was this question of the case answered before, in this process or another?
Result<bool> was_answered(Workbench& bench, const std::string& case_id, const std::string& principal,
                          const std::string& question);

cases::Grant make_grant(const Workbench& bench, const std::string& env, const std::string& principal,
                        const std::string& confirmed_by, const std::string& how, const Probe& probe);

}  // namespace casefile::tools
