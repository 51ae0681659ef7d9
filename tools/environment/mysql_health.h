#pragma once
// The parts of MySQL's health that are worked out from rows alone.

#include "base/json.h"

namespace casefile::tools::environment {

/// Whom each transaction waits for, and how old it is against `own_session`, whose transaction began now. All
/// values are text, as they came; `waits` holds {requesting_trx_id, blocking_trx_id}.
std::vector<json::object> transactions_of(const std::vector<json::object>& rows,
                                          const std::vector<json::object>& waits,
                                          const std::string& own_session);

/// {digest, schema, text, calls, avg_ms, max_ms, rows_examined}, with the calls since `before` and how their
/// mean compares to what it was then: {since: {calls, avg_ms}, times_slower}. `before` is the same list, of
/// an earlier call; a digest whose counter went back is taken as new.
std::vector<json::object> statements_of(const std::vector<json::object>& rows,
                                        const std::vector<json::object>& before);

}  // namespace casefile::tools::environment
