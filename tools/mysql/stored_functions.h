#pragma once
// A function is allowed by its name, as built into MySQL or MariaDB. Where this server, or its version, has
// no built-in function of that name, it would call a stored one.

#include "sources/mysql/source.h"
#include "tools/tool_spec.h"

namespace casefile::tools::mysql {

/// Refuses (`denied`) a statement that calls a function by the name of one that is stored in the connection's
/// schema. Asks the server for names that not every server has built in.
Result<void> refuse_stored_functions(std::string_view sql, sources::mysql::MysqlSource& source,
                                     const Call& call);

}  // namespace casefile::tools::mysql
