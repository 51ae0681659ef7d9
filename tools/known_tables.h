#pragma once
// What the servers said of the tables and functions that statements named, for a while: asking anew for each
// statement would double its round trips.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "policy/sql_masks.h"

namespace casefile::tools {

/// Safe to use from any worker.
template <class Name, class Fact>
class KnownOfServers {
  public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::minutes kept{5};
    static constexpr std::size_t names_max = 10'000;

    /// `server` names the endpoint and the grant under which it was asked.
    std::optional<Fact> find(const std::string& server, const Name& name, Time now) {
        const std::lock_guard lock(mutex_);
        const auto found = facts_.find({server, name});
        if (found == facts_.end() || now - found->second.at > kept) return std::nullopt;
        return found->second.fact;
    }
    void keep(const std::string& server, const Name& name, Fact fact, Time now) {
        const std::lock_guard lock(mutex_);
        if (facts_.size() >= names_max) facts_.clear();
        facts_[{server, name}] = {std::move(fact), now};
    }

  private:
    struct Kept {
        Fact fact;
        Time at;
    };
    std::mutex mutex_;
    std::map<std::pair<std::string, Name>, Kept> facts_;
};

using KnownTables = KnownOfServers<policy::TableName, policy::KnownTable>;
/// Whether the connection's schema holds a stored function of that name.
using KnownFunctions = KnownOfServers<std::string, bool>;

}  // namespace casefile::tools
