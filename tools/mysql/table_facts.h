#pragma once
// Asks a server what the tables of a statement are, where it is not known yet.

#include "sources/mysql/source.h"
#include "tools/tool_spec.h"

namespace casefile::tools::mysql {

/// One entry for each name, in order. Base tables come with their masked columns, among them those that are
/// computed from one; views that reach a masked column, or do not show their definition, come refused. Asks
/// nothing for tables that were named within the last minutes.
Result<std::vector<policy::KnownTable>> table_facts(const std::vector<policy::TableName>& names,
                                                    sources::mysql::MysqlSource& source, const Call& call);

}  // namespace casefile::tools::mysql
