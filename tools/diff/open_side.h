#pragma once
// From what a call asked to a side that can be read.

#include "tools/diff/arguments.h"
#include "tools/diff/mysql_side.h"
#include "tools/diff/redis_side.h"
#include "tools/diff/side.h"
#include "tools/mysql/cost_guard.h"

namespace casefile::tools::diff {

struct OpenSide {
    std::unique_ptr<Side> side;
    RedisSide* redis = nullptr;        ///< `side`, where it is Redis
    MysqlSide* mysql = nullptr;        ///< `side`, where it is SQL
    policy::MaskedResult masked = {};  ///< of SQL: which fields are shown as tokens
};

/// What sorting may take: its scratch file lies in the case's folder, on the disk of the evidence.
Room room_of(const Call& call);

/// Asks a server about the tables of a statement that are not known yet, and refuses the statement as
/// query_mysql would; a document is opened. `guard` judges the plan of a side that is SQL.
Result<OpenSide> open_side(const SideRequest& request, const Call& call, mysql::CostGuard& guard);

}  // namespace casefile::tools::diff
