// query_mysql: runs one reading statement in a fresh consistent snapshot. Every row goes to a hashed CSV
// file, the first of them into the answer.

#include "base/text.h"
#include "policy/sql_statement.h"
#include "tools/mysql/cost_guard.h"
#include "tools/mysql/masked_rows.h"
#include "tools/mysql/noted_rows.h"
#include "tools/mysql/replica_lag.h"
#include "tools/mysql/row_writer.h"
#include "tools/mysql/tools.h"
#include "tools/preview.h"

namespace casefile::tools::mysql {
namespace {

/// Of the smallest and the largest value of a column.
constexpr std::size_t value_bytes_shown = 60;

struct Args {
    std::string sql;
    std::vector<json::value> params;
    std::optional<std::int64_t> rows_max, preview_tokens_max;
};

/// With what all rows hold of it, where the answer does not show them all.
struct ColumnLine {
    std::string name, type;
    std::optional<std::int64_t> nulls = {}, distinct = {};
    std::optional<std::string> min = {}, max = {};
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

/// Why the reader does not see every row whole, in words that say what to do.
std::optional<std::string> why_truncated(const RowWriter& writer, std::int64_t rows_max, std::size_t shown) {
    if (writer.file_full())
        return "the file reached its limit of bytes after " + std::to_string(writer.rows()) +
               " rows, and there are more; name fewer columns, aggregate, or read the rest by a key range";
    if (writer.more_rows())
        return "there are more rows than rows_max " + std::to_string(rows_max) +
               "; narrow the question, aggregate, or raise rows_max";
    if (shown < writer.rows())
        return "all rows are in the file; the answer shows the first " + std::to_string(shown) +
               ", read_evidence pages through the rest";
    if (writer.values_cut() > 0)
        return std::to_string(writer.values_cut()) +
               " long values are shown in part; the file has them whole, SUBSTRING reads a part";
    return std::nullopt;
}

Schema<ColumnLine> column_schema() {
    return Schema<ColumnLine>{}
        .field("name", &ColumnLine::name, "")
        .field("type", &ColumnLine::type, "")
        .field("nulls", &ColumnLine::nulls, "")
        .field("distinct", &ColumnLine::distinct, "Estimate, about 2 % off.")
        .field("min", &ColumnLine::min, "")
        .field("max", &ColumnLine::max, "");
}

/// Tells of each column what all rows hold: in a file of the run, and in the answer for as many columns as
/// have room beside the rows.
Result<void> add_profile(const std::vector<ColumnProfile>& profile, Call& call,
                         std::vector<ColumnLine>& columns) {
    std::vector<json::object> lines;
    auto left = preview_bytes(call.bench.limits) / 2;
    for (std::size_t i = 0; i < profile.size(); ++i) {
        auto line = columns[i];
        line.nulls = static_cast<std::int64_t>(profile[i].nulls());
        line.distinct = static_cast<std::int64_t>(profile[i].distinct());
        if (profile[i].min()) line.min = shorten(*profile[i].min(), value_bytes_shown);
        if (profile[i].max()) line.max = shorten(*profile[i].max(), value_bytes_shown);
        lines.push_back(column_schema().write(line));
        const auto bytes = json::serialize(lines.back()).size();
        if (bytes <= left) columns[i] = std::move(line);
        left -= std::min(left, bytes);
    }
    return call.run.write_output("profile." + call.task() + ".json", "metadata", "json",
                                 list_document({}, "columns", lines));
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
                              .file_bytes_max = static_cast<std::uint64_t>(limits.file_bytes_max),
                              .preview_rows_max = static_cast<std::uint64_t>(limits.rows_max),
                              .preview_bytes_max = static_cast<std::uint64_t>(tokens_max) * 4,
                              .value_bytes_max = static_cast<std::uint64_t>(limits.value_bytes_max)});
    NotedRows noted(*sql, writer);
    MaskedRows rows(call.bench.masks, *masked, noted);
    CostGuard guard(call);
    auto end =
        (*source)->query(*sql, rows, call.control(),
                         guard.judge((*source)->endpoint(), *sql, static_cast<std::uint64_t>(rows_max) + 1));
    const auto finished = writer.finish();
    if (auto question = std::move(guard).question()) return {*std::move(question)};
    if (!end) return masked_error(call.bench.masks, *sql, end.error());
    if (!finished) return finished.error();
    call.bench.recent_rows->keep(call.state.id, call.env, noted.take());

    Answer answer;
    for (const auto& column : writer.columns()) answer.columns.push_back({column.name, column.type});
    if (const auto* profile = writer.profile())
        if (auto done = add_profile(*profile, call, answer.columns); !done) return done.error();
    answer.rows = writer.take_preview();
    answer.rows_returned = static_cast<std::int64_t>(writer.rows());
    answer.rows_shown = static_cast<std::int64_t>(writer.rows_shown());
    answer.truncated = writer.more_rows();
    answer.reason = why_truncated(writer, rows_max, writer.rows_shown());
    answer.snapshot = {
        {"at", end->snapshot_at}, {"isolation", end->isolation}, {"time_zone", end->time_zone}};
    if (auto lag = replica_lag(call, **source)) answer.snapshot["replica"] = *std::move(lag);
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
                      .list("columns", &Answer::columns, column_schema(), "Profiled when rows are left out.")
                      .field("rows_returned", &Answer::rows_returned, "In the file.")
                      .field("rows_shown", &Answer::rows_shown, "")
                      .field("truncated", &Answer::truncated, "There are more rows.")
                      .field("reason", &Answer::reason, "")
                      .field("snapshot", &Answer::snapshot, ""),
        .plan = [&bench](const Args& args, const Situation& situation) -> Result<Plan> {
            auto sql = bound(args);
            if (!sql) return sql.error();
            const bool large = args.rows_max.value_or(0) > bench.limits.rows_max;
            policy::Intent intent{.action = policy::Intent::Action::read,
                                  .env = situation.env,
                                  .sources = {SourceKind::mysql},
                                  .sql = {{*sql}}};
            if (is_replica(situation.state, situation.env)) intent.sql.push_back({replica_statement});
            return Plan{.intents = {std::move(intent)},
                        .script = {"sql", *sql},
                        .task = "query",
                        .time_max = std::chrono::seconds(large ? bench.limits.diff_seconds_max
                                                               : bench.limits.query_seconds_max)};
        },
        .run = query,
        .summary =
            [](const Answer& answer) {
                return std::to_string(answer.rows_returned) + (answer.rows_returned == 1 ? " row" : " rows") +
                       (answer.truncated ? ", more exist" : "");
            },
        .rows = [](Answer& answer) { return std::move(answer.rows); },
        .details =
            [](const Answer& answer) {
                return json::object{{"snapshot", answer.snapshot}};
            },
    });
}

}  // namespace casefile::tools::mysql
