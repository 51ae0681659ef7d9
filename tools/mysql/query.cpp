// query_mysql: runs one reading statement in a fresh consistent snapshot. Every row goes to a hashed CSV
// file, the first of them into the answer.

#include "base/text.h"
#include "policy/sql_statement.h"
#include "tools/mysql/cost_guard.h"
#include "tools/mysql/masked_rows.h"
#include "tools/mysql/row_writer.h"
#include "tools/mysql/tools.h"

namespace casefile::tools::mysql {
namespace {

struct Args {
    std::string sql;
    std::vector<json::value> params;
    std::optional<std::int64_t> rows_max, preview_tokens_max;
};

struct ColumnLine {
    std::string name, type;
};

struct Answer {
    std::vector<ColumnLine> columns;
    Rows rows;
    std::int64_t rows_returned = 0;
    std::int64_t rows_shown = 0;
    bool truncated = false;
    std::optional<std::string> reason;
    json::object snapshot;
};

Result<std::string> bound(const Args& args) {
    return policy::bind_parameters(args.sql, json::array(args.params.begin(), args.params.end()));
}

/// Why the reader does not see every row, in words that say what to do.
std::optional<std::string> why_truncated(const RowWriter& writer, std::int64_t rows_max, std::size_t shown) {
    if (writer.more_rows())
        return "there are more rows than rows_max " + std::to_string(rows_max) +
               "; narrow the question, aggregate, or raise rows_max";
    if (shown < writer.rows())
        return "all rows are in the file; the answer shows the first " + std::to_string(shown) +
               ", read_evidence pages through the rest";
    return std::nullopt;
}

Result<std::variant<Answer, mcp::NeedsInput>> query(const Args& args, Call& call) {
    const auto& limits = call.bench.limits;
    auto sql = bound(args);
    if (!sql) return sql.error();
    auto source = call.bench.sources.mysql(call.env);
    if (!source) return source.error();
    const auto masked = judge_masks(*sql, **source, call);
    if (!masked) return masked.error();
    auto file = call.run.open_output("db_rows." + call.task() + ".csv", "data", "csv",
                                     static_cast<std::uint64_t>(limits.file_bytes_max));
    if (!file) return file.error();

    const auto rows_max = std::min(args.rows_max.value_or(limits.rows_max), limits.file_rows_max);
    const auto tokens_max =
        std::min(args.preview_tokens_max.value_or(limits.preview_tokens_max), std::int64_t{1'000'000});
    RowWriter writer(**file, {.rows_max = static_cast<std::uint64_t>(rows_max),
                              .preview_rows_max = static_cast<std::uint64_t>(limits.rows_max),
                              .preview_bytes_max = static_cast<std::uint64_t>(tokens_max) * 4,
                              .value_bytes_max = static_cast<std::uint64_t>(limits.value_bytes_max)});
    MaskedRows rows(call.bench.masks, *masked, writer);
    CostGuard guard(call);
    auto end =
        (*source)->query(*sql, rows, call.control(),
                         guard.judge((*source)->endpoint(), *sql, static_cast<std::uint64_t>(rows_max) + 1));
    if (auto question = std::move(guard).question()) return {*std::move(question)};
    if (!end) return masked_error(call.bench.masks, *sql, end.error());

    Answer answer;
    for (const auto& column : writer.columns()) answer.columns.push_back({column.name, column.type});
    answer.rows = writer.take_preview();
    answer.rows_returned = static_cast<std::int64_t>(writer.rows());
    answer.rows_shown = static_cast<std::int64_t>(writer.rows_shown());
    answer.truncated = writer.more_rows();
    answer.reason = why_truncated(writer, rows_max, writer.rows_shown());
    answer.snapshot = {
        {"at", end->snapshot_at}, {"isolation", end->isolation}, {"time_zone", end->time_zone}};
    call.run.log("read " + std::to_string(answer.rows_returned) + " rows from a snapshot at " +
                 end->snapshot_at);
    return {std::move(answer)};
}

}  // namespace

GuardedTool query_tool(Workbench& bench) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "query_mysql",
        .title = "Query MySQL",
        .description =
            "Runs one reading statement (SELECT, WITH, SHOW, DESCRIBE, EXPLAIN) in a consistent snapshot. "
            "BIGINT and DECIMAL come as strings; all rows are in the CSV file.",
        .input = Schema<Args>{}
                     .field("sql", &Args::sql, "One statement; ? takes params.")
                     .length(1, 65536)
                     .field("params", &Args::params, "")
                     .length(0, 1000)
                     .optional()
                     .field("rows_max", &Args::rows_max, "Rows to read; default 1000.")
                     .range(1, bench.limits.file_rows_max)
                     .field("preview_tokens_max", &Args::preview_tokens_max, "Default 2000.")
                     .range(1, 1'000'000),
        .output = Schema<Answer>{}
                      .list("columns", &Answer::columns,
                            Schema<ColumnLine>{}
                                .field("name", &ColumnLine::name, "")
                                .field("type", &ColumnLine::type, ""),
                            "")
                      .field("rows_returned", &Answer::rows_returned, "In the file.")
                      .field("rows_shown", &Answer::rows_shown, "")
                      .field("truncated", &Answer::truncated, "There are more rows.")
                      .field("reason", &Answer::reason, "")
                      .field("snapshot", &Answer::snapshot, ""),
        .plan = [&bench](const Args& args, const Situation& situation) -> Result<Plan> {
            auto sql = bound(args);
            if (!sql) return sql.error();
            const bool large = args.rows_max.value_or(0) > bench.limits.rows_max;
            return Plan{.intents = {{.action = policy::Intent::Action::read,
                                     .env = situation.env,
                                     .sources = {SourceKind::mysql},
                                     .sql = {{*sql}}}},
                        .script = {"sql", *sql},
                        .task = "query",
                        .time_max = std::chrono::seconds(large ? bench.limits.diff_seconds_max
                                                               : bench.limits.query_seconds_max)};
        },
        .run = query,
        .summary =
            [](const Answer& answer) {
                return std::to_string(answer.rows_returned) + " rows" +
                       (answer.truncated ? ", more exist" : "");
            },
        .rows = [](Answer& answer) { return std::move(answer.rows); },
    });
}

}  // namespace casefile::tools::mysql
