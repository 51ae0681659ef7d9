#include "tools/mysql/noted_rows.h"

namespace casefile::tools::mysql {

Result<void> NotedRows::columns(const std::vector<sources::mysql::Column>& columns) {
    for (const auto& column : columns)
        if (noted_.columns.size() < RecentRows::columns_max) noted_.columns.push_back(column.name);
    return next_.columns(columns);
}

Result<bool> NotedRows::row(std::span<const sources::mysql::Cell> cells) {
    if (noted_.rows.size() < RecentRows::rows_max) {
        auto& row = noted_.rows.emplace_back();
        for (const auto& cell : cells.first(noted_.columns.size()))
            row.emplace_back(cell.bytes.substr(0, RecentRows::value_bytes_max));
    }
    return next_.row(cells);
}

}  // namespace casefile::tools::mysql
