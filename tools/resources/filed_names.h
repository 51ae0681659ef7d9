#pragma once
// Names that a case's evidence already tells: tables that were described, consumer groups that were measured.

#include <string>
#include <vector>

#include "tools/workbench.h"

namespace casefile::tools::resources {

/// Newest evidence first, each name once; of all environments when `env` is empty. Looks at the newest runs
/// only, and leaves out names that cannot be typed as they are shown.
std::vector<std::string> filed_tables(Workbench& bench, const cases::CaseState& state,
                                      const std::string& env);
std::vector<std::string> filed_groups(Workbench& bench, const cases::CaseState& state,
                                      const std::string& env);
/// Of all environments: topics whose lag was measured.
std::vector<std::string> filed_topics(Workbench& bench, const cases::CaseState& state);

/// What the newest runs show as hit: groups and topics that were not well, tables and caches between which a
/// diff was made. "group cache-writer", "topic price-changes", "table products".
std::vector<std::string> names_hit(Workbench& bench, const cases::CaseState& state);

/// The tables that a statement names, as policy reads it, each part of "shop.orders" by itself. Of what
/// policy cannot follow, such as SHOW or a statement that was refused, also the names behind FROM, JOIN,
/// UPDATE and DESCRIBE.
std::vector<std::string> tables_in(std::string_view sql);

}  // namespace casefile::tools::resources
