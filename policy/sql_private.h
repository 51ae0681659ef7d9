#pragma once
// What of the server's own tables and settings nobody reads through casefile: password hashes, other
// sessions' statements, and tables that change the server by being read.

#include <string>
#include <string_view>

#include "policy/word_list.h"

namespace casefile::policy {

/// Why a table, or some columns of it, may not be read. All empty for every other table.
struct PrivateTable {
    std::string_view reason;
    std::string_view hint;
    WordList columns;  ///< the rest of the table may be read by name; empty: nothing of it may

    bool is_private() const { return !reason.empty(); }
};

/// Names in upper case (ASCII), as written otherwise.
PrivateTable private_table(std::string_view schema, std::string_view table);

/// A schema of the server itself, where private tables are. In any writing.
bool is_schema_of_server(std::string_view schema);

/// The last part of @@name or @@scope.name, in upper case.
bool is_private_variable(std::string_view name);

/// Whether LIKE `pattern` could mean a variable that can hold passwords; yes where that cannot be told.
bool may_mean_private_variable(std::string_view pattern);

/// `name` with the letters that servers take for ASCII ones when they compare names replaced by those.
std::string fold_name(std::string_view name);

}  // namespace casefile::policy
