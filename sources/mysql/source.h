#pragma once
// MySQL and MariaDB, read row by row.

#include <optional>
#include <span>
#include <string_view>

#include "base/limits.h"
#include "sources/source.h"

namespace casefile::sources::mysql {

struct Column {
    std::string name;
    std::string type;  ///< as the server calls it: "BIGINT UNSIGNED", "DECIMAL"; TEXT and BLOB for those of
                       ///< any length
    bool binary =
        false;  ///< holds bytes rather than text: BLOB, BINARY, VARBINARY, GEOMETRY (a BIT comes as a number)
    /// The column of a table that the server says it is; empty for an expression. Wrong behind views and
    /// subqueries.
    std::string origin_table = {}, origin_column = {};
};

/// One value as the server printed it. Valid only during the call that hands it over.
struct Cell {
    bool null = false;
    std::string_view bytes;
};

/// Takes rows as they arrive. Returning false ends the query, also on the server.
class RowSink {
  public:
    virtual ~RowSink() = default;
    virtual Result<void> columns(const std::vector<Column>& columns) = 0;
    virtual Result<bool> row(std::span<const Cell> cells) = 0;
};

/// How a query ended, and from which moment it read.
struct QueryEnd {
    std::uint64_t rows = 0;   ///< handed to the sink
    bool complete = false;    ///< false when the sink ended it
    std::string snapshot_at;  ///< the server's clock when the snapshot was taken, RFC 3339 UTC
    std::string isolation;    ///< "REPEATABLE READ, read only, consistent snapshot"
    std::string time_zone;    ///< the session's, always "+00:00"
};

/// A plan as the server's EXPLAIN tells it: a row for each table that is read, in order.
struct Plan {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
};

/// Hears the plan of a statement before it runs, or why the server tells none. An error ends the query there.
using PlanJudge = std::function<Result<void>(const Result<Plan>&)>;

class MysqlSource : public Source {
  public:
    /// One statement, already judged by policy, in a fresh read-only consistent snapshot of its own, on a
    /// session that is read-only as well (verified before the statement). Runs at most until the deadline, on
    /// the server too; a stop request sends KILL QUERY from a second connection. A stream that the server cut
    /// short is an error, never an end. With a `judge` the plan is asked for first, in the same snapshot.
    virtual Result<QueryEnd> query(std::string_view sql, RowSink& sink, const Control& control,
                                   const PlanJudge& judge) = 0;
    Result<QueryEnd> query(std::string_view sql, RowSink& sink, const Control& control) {
        return query(sql, sink, control, {});
    }
};

std::unique_ptr<MysqlSource> make_mysql_source(Endpoint endpoint, const Limits& limits);

/// Ends the connector's per-thread state; a worker calls it before it ends.
void end_thread();

}  // namespace casefile::sources::mysql
