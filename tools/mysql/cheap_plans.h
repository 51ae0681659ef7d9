#pragma once
// Plans that were cheap a moment ago, so that the same statement asked again needs no EXPLAIN.

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace casefile::tools::mysql {

/// Keeps the plan of a statement, word for word and for one source, for a minute. Safe to call from any
/// thread.
class CheapPlans {
  public:
    static constexpr std::chrono::minutes kept{1};
    static constexpr std::size_t statements_max = 256;

    /// What was noted of it within the last minute.
    std::optional<json::object> find(const std::string& variable, const std::string& sql, WallTime now) const;
    void note(const std::string& variable, const std::string& sql, json::object plan, WallTime now);

  private:
    struct Known {
        json::object plan;
        WallTime at;
    };
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Known> known_;  ///< by variable and statement
};

}  // namespace casefile::tools::mysql
