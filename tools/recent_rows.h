#pragma once
// The rows that a case's last query gave, of each environment: what is read elsewhere right after is often
// the same entity, and can be compared with them.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace casefile::tools {

struct QueriedRows {
    std::string sql;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;  ///< the first of them, as they are shown; NULL is empty
};

/// Of this process alone, and gone with it. Safe to use from any worker.
class RecentRows {
  public:
    static constexpr std::size_t rows_max = 50, columns_max = 32, value_bytes_max = 64, cases_max = 64;

    /// Takes the place of the query before.
    void keep(const std::string& case_id, const std::string& env, QueriedRows rows);
    /// Null where none was kept.
    std::shared_ptr<const QueriedRows> find(const std::string& case_id, const std::string& env) const;

  private:
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const QueriedRows>> kept_;
};

}  // namespace casefile::tools
