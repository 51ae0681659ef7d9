#pragma once
// Everything that names this case and no other: ids, environments, hosts, tables, topics, groups, keys.

#include <map>

#include "tools/workbench.h"

namespace casefile::tools::admin {

/// From identifier to the placeholder that stands for it: "orders" to "<table-1>". From the record, the
/// grants, and the arguments of the case's runs. Numbers of one or two digits are left out: they name
/// nothing.
std::map<std::string, std::string> identifiers_of(Workbench& bench, const cases::CaseState& state);

/// The text with each identifier replaced; whole words only, whatever their case.
std::string without_identifiers(const std::string& text,
                                const std::map<std::string, std::string>& identifiers);

/// The identifiers that stand in `text`.
std::vector<std::string> identifiers_in(const std::string& text,
                                        const std::map<std::string, std::string>& identifiers);

}  // namespace casefile::tools::admin
