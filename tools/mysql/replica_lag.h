#pragma once
// How far behind the source of a snapshot was. A server that was no replica when the human saw it costs
// nothing; a replica is asked at most every ten seconds, so that calls in a row do not pay for it.

#include "tools/tool_spec.h"

namespace casefile::tools::mysql {

inline constexpr const char* replica_statement = "SHOW REPLICA STATUS";

/// True when the newest grant of the case for `env` was given for a replica.
bool is_replica(const cases::CaseState& state, const std::string& env);

/// {asked_at, seconds_behind} or {asked_at, unknown: why}; nothing where no replica was confirmed. A lag that
/// cannot be had fails no call.
std::optional<json::object> replica_lag(Call& call, sources::mysql::MysqlSource& source);

}  // namespace casefile::tools::mysql
