#pragma once
// Everything that names this case and no other: ids, environments, hosts, tables, topics, groups, keys.

#include <map>

#include "tools/workbench.h"

namespace casefile::tools::admin {

struct Identifier {
    std::string name;         ///< as it was first written
    std::string placeholder;  ///< that stands for it: "<table-1>"
    bool met = false;         ///< the record or an answered run names it, so there is such a thing
};

/// By their names in lower case. From the record, the grants, and the arguments of the case's runs. Numbers
/// of one or two digits are left out: they name nothing.
using Identifiers = std::map<std::string, Identifier>;
Identifiers identifiers_of(Workbench& bench, const cases::CaseState& state);

/// The text with each identifier replaced; whole words only, whatever their case.
std::string without_identifiers(const std::string& text, const Identifiers& identifiers);

/// The identifiers that stand in `text`.
std::vector<Identifier> identifiers_in(const std::string& text, const Identifiers& identifiers);

}  // namespace casefile::tools::admin
