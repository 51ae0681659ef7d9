#pragma once
// What the servers said of the tables that statements named, for a while: asking anew for each statement
// would double its round trips.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "policy/sql_masks.h"

namespace casefile::tools {

/// Safe to use from any worker.
class KnownTables {
  public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::minutes kept{5};
    static constexpr std::size_t tables_max = 10'000;

    /// `server` names the endpoint and the grant under which it was asked.
    std::optional<policy::KnownTable> find(const std::string& server, const policy::TableName& name,
                                           Time now);
    void keep(const std::string& server, const policy::KnownTable& table, Time now);

  private:
    struct Kept {
        policy::KnownTable table;
        Time at;
    };
    std::mutex mutex_;
    std::map<std::pair<std::string, policy::TableName>, Kept> tables_;
};

}  // namespace casefile::tools
