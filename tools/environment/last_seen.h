#pragma once
// What an environment looked like when this principal last saw it, in whatever case: <home>/seen/. A note, no
// evidence: it may be deleted at any time, and decides nothing. What was seen is filed with the case that saw
// it.

#include "tools/environment/grants.h"

namespace casefile::tools {

/// One line for each thing that differs and does not differ by itself from day to day: "MYSQL_PROD_URL unlike
/// 2026-11-20T09:00:00.000Z: version: before "10.11.18", now "10.11.19"". Sources seen for the first time, or
/// that did not answer now, give none.
std::vector<std::string> unlike_last_time(const Workbench& bench, const std::string& principal,
                                          const std::string& env, const Probe& found);

/// Keeps what was seen now. A note that cannot be written is left out.
void remember_seen(const Workbench& bench, const std::string& principal, const std::string& env,
                   const Probe& found);

}  // namespace casefile::tools
