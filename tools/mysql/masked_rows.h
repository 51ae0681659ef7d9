#pragma once
// Rows through the masks: the statement is judged with what the server says of its tables, and what comes is
// masked by column before anything else sees it.

#include "sources/mysql/source.h"
#include "tools/tool_spec.h"

namespace casefile::tools::mysql {

/// Whether the statement may run, and how its results are masked. Asks the server about tables and functions
/// that are not known yet. An error of kind denied says what to ask instead.
Result<policy::MaskedResult> judge_masks(std::string_view sql, sources::mysql::MysqlSource& source,
                                         const Call& call);

/// The label of each column, empty for those that are shown. An error when the server says that a column is
/// another one than the statement names.
Result<std::vector<std::string>> labels_of(const policy::MaskedResult& result,
                                           const std::vector<sources::mysql::Column>& columns);

/// Hands rows on with their masked columns as tokens, and the text in all others by what it holds.
class MaskedRows : public sources::mysql::RowSink {
  public:
    /// All have to outlive it.
    MaskedRows(const Masks& masks, const policy::MaskedResult& result, sources::mysql::RowSink& next)
        : masks_(masks), result_(result), next_(next) {}

    Result<void> columns(const std::vector<sources::mysql::Column>& columns) override;
    Result<bool> row(std::span<const sources::mysql::Cell> cells) override;

  private:
    const Masks& masks_;
    const policy::MaskedResult& result_;
    sources::mysql::RowSink& next_;
    std::vector<std::string> labels_;
    std::vector<std::size_t> looked_at_;  ///< columns that are masked, or hold text
    std::optional<std::size_t> setting_;  ///< where the names of the server's settings stand
    std::vector<std::string> shown_;
    std::vector<sources::mysql::Cell> cells_;
};

/// A server's message may quote what a statement compared.
Error masked_error(const Masks& masks, std::string_view sql, Error error);

}  // namespace casefile::tools::mysql
