#pragma once
// How the sources of an environment are, on request: what is used against what is allowed, who waits for
// whom, what takes the server's time. Reads only what the policy lets anyone read, and after a grant alone.

#include "tools/earlier_run.h"

namespace casefile::tools::environment {

/// Each list is a table of the answer; `checks` holds the verdicts: {source, check, value, verdict, rule},
/// with verdict OK, WARNING, CRITICAL or UNKNOWN and the rule that decided.
struct Health {
    std::vector<json::object> checks;
    std::vector<json::object> sessions;      ///< MySQL: {user, host, sessions, running, longest_s}
    std::vector<json::object> transactions;  ///< MySQL: {session, user, host, age_s, state, blocked_by}
    std::vector<json::object> statements;  ///< MySQL: {digest, text, calls, avg_ms, …}, the costliest first
    std::vector<json::object> slow;        ///< Redis: {id, at, took_us, command}, without values
    std::vector<json::object> partitions;  ///< Kafka: {topic, partition, state}, those not in order
    std::vector<std::string> problems;     ///< what could not be told, and what that would take

    void check(SourceKind source, std::string_view name, std::string value, std::string_view verdict,
               std::string_view rule);
};

/// CRITICAL from `critical`, WARNING from `warning`, OK below.
std::string_view verdict_at(double value, double warning, double critical);

/// Everything that is sent for it, for the gate.
void add_mysql_intents(policy::Intent& intent);
void add_redis_intents(policy::Intent& intent);

/// `fingerprint` is the one just taken: it tells product and replica lag. The error is that of the first
/// question: a later one that is refused is a problem told.
Result<void> mysql_health(Call& call, const sources::Fingerprint& fingerprint, Health& out);
Result<void> redis_health(Call& call, Health& out);
Result<void> kafka_health(Call& call, Health& out);

}  // namespace casefile::tools::environment
