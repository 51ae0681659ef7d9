#pragma once
// Passes rows on, and notes the first of them for RecentRows.

#include "sources/mysql/source.h"
#include "tools/recent_rows.h"

namespace casefile::tools::mysql {

class NotedRows : public sources::mysql::RowSink {
  public:
    NotedRows(std::string sql, sources::mysql::RowSink& next) : next_(next), noted_{std::move(sql), {}, {}} {}

    Result<void> columns(const std::vector<sources::mysql::Column>& columns) override;
    Result<bool> row(std::span<const sources::mysql::Cell> cells) override;

    /// Once, after the last row.
    QueriedRows take() { return std::move(noted_); }

  private:
    sources::mysql::RowSink& next_;
    QueriedRows noted_;
};

}  // namespace casefile::tools::mysql
