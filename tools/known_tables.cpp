#include "tools/known_tables.h"

namespace casefile::tools {

std::optional<policy::KnownTable> KnownTables::find(const std::string& server, const policy::TableName& name,
                                                    Time now) {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.find({server, name});
    if (found == tables_.end() || now - found->second.at > kept) return std::nullopt;
    return found->second.table;
}

void KnownTables::keep(const std::string& server, const policy::KnownTable& table, Time now) {
    const std::lock_guard lock(mutex_);
    if (tables_.size() >= tables_max) tables_.clear();
    tables_[{server, table.name}] = {table, now};
}

}  // namespace casefile::tools
