#pragma once
// Answers of a few lines that casefile itself asks for, as objects by column name.

#include "sources/mysql/source.h"
#include "tools/preview.h"

namespace casefile::tools::mysql {

/// One object a row; NULL is null, everything else text. Takes at most `lines_max` rows.
class SmallTable : public sources::mysql::RowSink {
  public:
    explicit SmallTable(std::size_t lines_max) : lines_max_(lines_max) {}

    Result<void> columns(const std::vector<sources::mysql::Column>& columns) override {
        for (const auto& column : columns) names_.push_back(column.name);
        return {};
    }
    Result<bool> row(std::span<const sources::mysql::Cell> cells) override {
        if (lines.size() == lines_max_) {
            more = true;
            return false;
        }
        json::object line;
        for (std::size_t i = 0; i < cells.size(); ++i)
            line[names_[i]] = cells[i].null ? json::value() : shown_bytes(cells[i].bytes);
        lines.push_back(std::move(line));
        return true;
    }

    std::vector<json::object> lines;
    bool more = false;  ///< there were more than are taken

  private:
    const std::size_t lines_max_;
    std::vector<std::string> names_;
};

}  // namespace casefile::tools::mysql
