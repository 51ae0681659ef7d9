// diff: compares two keyed sides, a database and its cache above all, field by field and to the last digit.
// Every difference goes into files, the first of them into the answer.

#include "base/text.h"
#include "tools/asked.h"
#include "tools/diff/engine.h"
#include "tools/diff/masked.h"
#include "tools/diff/open_side.h"
#include "tools/diff/tools.h"
#include "tools/preview.h"
#include "tools/redis/second_opinion.h"

namespace casefile::tools::diff {
namespace {

struct CountsLine {
    std::int64_t match = 0, changed = 0, missing_left = 0, missing_right = 0;
};

struct Answer {
    CountsLine counts;
    json::object by_field, states, read_at;
    json::array differences;
    bool truncated = false;
    std::optional<std::string> reason;
    std::vector<std::string> fields, notes;
};

/// From when to when each side was read: a row and its cache entry are never seen at the same moment.
json::object times(const Side& left, const Side& right) {
    const auto of = [](const Side& side) -> json::value {
        const auto time = side.read_time();
        if (time.from.empty()) return "not read";
        if (time.from == time.until) return json::value(time.from);
        return json::value(time.from + " to " + time.until);
    };
    return {{"left", of(left)}, {"right", of(right)}};
}

json::object write_counts(const Counts& counts) {
    return {{"match", counts.match},
            {"changed", counts.changed},
            {"missing_left", counts.missing_left},
            {"missing_right", counts.missing_right}};
}

Answer make_answer(const Findings& findings, Report& report, json::object read_at) {
    const auto& counts = findings.counts();
    Answer answer;
    answer.counts = {counts.match, counts.changed, counts.missing_left, counts.missing_right};
    answer.by_field = findings.counts_by_field();
    answer.states = findings.counts_by_state();
    answer.read_at = std::move(read_at);
    answer.differences = report.take_preview();
    answer.truncated = report.shown() < report.written();
    if (answer.truncated)
        answer.reason = "the answer shows the first " + std::to_string(report.shown()) + " of " +
                        std::to_string(report.written()) +
                        " differing records; read_evidence pages through the files";
    for (const auto& field : findings.fields()) answer.fields.push_back(field.name);
    answer.notes = findings.notes();
    return answer;
}

/// Closes the document whatever came, so that it can be read.
Result<void> close_report(Report& report, const Findings& findings, const json::object& read_at,
                          const std::optional<Error>& error) {
    json::array notes(findings.notes().begin(), findings.notes().end());
    json::object tail{{"complete", !error},
                      {"counts", write_counts(findings.counts())},
                      {"by_field", findings.counts_by_field()},
                      {"states", findings.counts_by_state()},
                      {"read_at", read_at},
                      {"notes", std::move(notes)}};
    if (error) tail["error"] = error->message;
    return report.finish(tail);
}

Result<std::variant<Answer, mcp::NeedsInput>> compare_as_asked(const Args& args, Call& call) {
    const auto& limits = call.bench.limits;
    const auto request =
        read_request(args, call.bench, {call.state, call.env, call.context.principal, call.bench.limits});
    if (!request) return request.error();
    mysql::CostGuard guard(call);
    const auto left = open_side(request->left, call, guard);
    if (!left) return left.error();
    const auto right = open_side(request->right, call, guard);
    if (!right) return right.error();
    Result<void> weighed;
    for (auto* side : {left->mysql, right->mysql})
        if (side != nullptr && weighed) weighed = side->weigh(call.control());
    if (auto question = std::move(guard).question()) return {*std::move(question)};
    if (!weighed) return weighed.error();

    const auto bytes_max = static_cast<std::uint64_t>(limits.file_bytes_max);
    auto json_file = call.run.open_output("diff." + call.task() + ".json", "data", "json", bytes_max);
    if (!json_file) return json_file.error();
    auto csv_file = call.run.open_output("diff." + call.task() + ".csv", "data", "csv", bytes_max);
    if (!csv_file) return csv_file.error();
    const MaskedReport masked(call.bench.masks, *request, *left, *right);
    if (auto done = masked.check(); !done) return done.error();
    Report report(**json_file, **csv_file, request->rules.key,
                  {.preview_bytes_max = preview_bytes(limits),
                   .value_bytes_max = static_cast<std::size_t>(limits.value_bytes_max)},
                  masked);
    const json::object head{{"left", told_to_all(request->left)},
                            {"right", told_to_all(request->right)},
                            {"rules", told(request->rules)}};
    if (auto done = report.begin(masked_arguments(call.bench.masks, head).as_object()); !done)
        return done.error();

    Findings findings(request->rules, *left->side, *right->side, report, call.control());
    Progress progress([&](double done, std::optional<double> total, const std::string& message) {
        call.progress(done, total, message);
    });
    const auto room = room_of(call);
    const auto done = compare_sides({.rules = request->rules,
                                     .left = *left->side,
                                     .right = *right->side,
                                     .findings = findings,
                                     .progress = progress,
                                     .control = call.control(),
                                     .scratch_folder = room.folder,
                                     .left_redis = left->redis,
                                     .right_redis = right->redis,
                                     .left_mysql = left->mysql,
                                     .right_mysql = right->mysql,
                                     .bounds = {.disk_bytes_max = room.disk_bytes_max}});
    const auto read_at = times(*left->side, *right->side);
    const auto closed = close_report(report, findings, read_at,
                                     done ? std::nullopt : std::optional(masked.error(done.error())));
    if (!done) return masked.error(done.error());
    if (!closed) return closed.error();
    call.run.log("left was read at " + std::string(read_at.at("left").get_string()) + ", right at " +
                 std::string(read_at.at("right").get_string()));
    for (const auto* side : {&request->left, &request->right})
        if (side->args.redis)
            if (const auto source = call.bench.sources.redis(side->env))
                tools::redis::log_missing_opinion(**source, call.run);
    return {make_answer(findings, report, read_at)};
}

Result<Plan> plan_of(const Args& args, const Situation& situation, Workbench& bench) {
    const auto request = read_request(args, bench, situation);
    if (!request) return request.error();
    const json::object script{
        {"left", told(request->left)}, {"right", told(request->right)}, {"rules", told(request->rules)}};
    return Plan{
        .intents = {intent_of(request->left, request->rules), intent_of(request->right, request->rules)},
        .script = {"json", canonical(script)},
        .task = "diff",
        .time_max = std::chrono::seconds(bench.limits.diff_seconds_max)};
}

Schema<Answer> answer_schema() {
    return Schema<Answer>{}
        .object("counts", &Answer::counts,
                Schema<CountsLine>{}
                    .field("match", &CountsLine::match, "")
                    .field("changed", &CountsLine::changed, "")
                    .field("missing_left", &CountsLine::missing_left, "")
                    .field("missing_right", &CountsLine::missing_right, ""),
                "Of records.")
        .field("by_field", &Answer::by_field, "")
        .field("states", &Answer::states, "")
        .field("read_at", &Answer::read_at, "")
        .field("differences", &Answer::differences, "The first; all are in the files.")
        .field("truncated", &Answer::truncated, "")
        .field("reason", &Answer::reason, "")
        .field("fields", &Answer::fields, "Compared.")
        .field("notes", &Answer::notes, "");
}

}  // namespace

GuardedTool diff_tool(Workbench& bench) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "diff",
        .title = "Diff",
        .description = "Compares two keyed sides (SQL rows, Redis keys, CSV, attachments, earlier evidence) "
                       "field by field, "
                       "exactly: 12.50 equals 12.5, NULL is not ''. Differences are read again after a "
                       "pause: settled, or "
                       "in_flight.",
        .input = args_schema(),
        .output = answer_schema(),
        .plan = [&bench](const Args& args,
                         const Situation& situation) { return plan_of(args, situation, bench); },
        .run = compare_as_asked,
        .summary =
            [](const Answer& answer) {
                const auto& counts = answer.counts;
                return std::to_string(counts.match) + " match, " + std::to_string(counts.changed) +
                       " changed, " + std::to_string(counts.missing_left) + " missing left, " +
                       std::to_string(counts.missing_right) + " missing right";
            },
        .env_needed = false,
    });
}

}  // namespace casefile::tools::diff
