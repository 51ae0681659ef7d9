// get_stats: counts, times to recover, what is overdue and what comes back; or the times and the size of one
// case.

#include <filesystem>

#include "base/text.h"
#include "cases/inspect_log.h"
#include "cases/milestones.h"
#include "cases/told.h"
#include "tools/admin/tools.h"
#include "tools/unread_cases.h"

namespace casefile::tools::admin {
namespace {

constexpr std::size_t cases_max = 1'000, recurring_min = 3, overdue_max = 50;

struct Args {
    std::optional<std::string> id;
};

struct Recurring {
    std::string signature;
    std::vector<std::string> cases;
};

struct Answer {
    std::int64_t cases = 0, runs = 0, evidence_bytes = 0, log_tokens = 0, tokens_reported = 0;
    json::object by_status, by_severity, by_source, times;
    std::optional<std::string> median_to_recover;
    std::vector<std::string> overdue;
    std::vector<Recurring> recurring;
    std::optional<std::vector<std::string>> problems;
};

void count(json::object& into, const std::string& name) {
    auto& value = into[name.empty() ? "none" : name];
    value = value.is_int64() ? value.get_int64() + 1 : 1;
}

/// Of the files of its runs.
std::int64_t bytes_of(const std::filesystem::path& folder) {
    std::int64_t bytes = 0;
    std::error_code failure;
    for (auto file = std::filesystem::recursive_directory_iterator(folder / "runs", failure);
         !failure && file != std::filesystem::recursive_directory_iterator(); file.increment(failure)) {
        std::error_code none;
        if (file->is_regular_file(none) && !file->is_symlink(none))
            bytes += static_cast<std::int64_t>(file->file_size(none));
    }
    return bytes;
}

/// Of the inspect log, which tells a case from beginning to end, for who reads it whole.
std::int64_t log_tokens_of(Workbench& bench, const cases::CaseState& state) {
    const auto log = cases::render_inspect_log(state, bench.cases.key_of(state));
    return static_cast<std::int64_t>(token_estimate(log.size()));
}

std::int64_t reported_tokens(const cases::CaseState& state) {
    std::int64_t tokens = 0;
    for (const auto& entry : state.entries) {
        const auto* value = entry.kind == "analysis" ? entry.value.if_object() : nullptr;
        const auto* told = value == nullptr ? nullptr : member(*value, "tokens");
        if (told != nullptr && told->is_int64()) tokens += told->get_int64();
    }
    return tokens;
}

void add_overdue(const cases::CaseState& state, const std::string& today, Answer& answer) {
    for (const auto& one : cases::told(state, "action")) {
        const auto* value = one.value.if_object();
        const auto due = value == nullptr ? "" : string_or(*value, "due");
        if (one.state != "done" && !due.empty() && due.substr(0, 10) < today &&
            answer.overdue.size() < overdue_max)
            answer.overdue.push_back(
                state.id + ": " + shorten(one.text, 120) + ", due " + due + ", " +
                (string_or(*value, "owner").empty() ? "no owner" : string_or(*value, "owner")));
    }
}

void add_case(Workbench& bench, const cases::CaseState& state, Answer& answer,
              std::vector<std::chrono::milliseconds>& recoveries) {
    ++answer.cases;
    answer.runs += std::ssize(state.runs);
    answer.evidence_bytes += bytes_of(bench.cases.store().case_folder(state.id));
    answer.log_tokens += log_tokens_of(bench, state);
    answer.tokens_reported += reported_tokens(state);
    count(answer.by_status, state.status());
    count(answer.by_severity, state.fields.severity.value_or(""));
    for (const auto& run : state.runs) count(answer.by_source, run.tool);
    add_overdue(state, date_of(bench.clock.now()), answer);
    if (const auto took = cases::times_of(state).to_recover) recoveries.push_back(*took);
}

json::object times_json(const cases::CaseState& state) {
    const auto times = cases::times_of(state);
    json::object out;
    const auto put = [&](const char* name, const std::optional<std::chrono::milliseconds>& span) {
        if (span) out[name] = cases::duration_text(*span);
    };
    put("to_detect", times.to_detect);
    put("to_find", times.to_find);
    put("to_fix", times.to_fix);
    put("to_deploy", times.to_deploy);
    put("to_recover", times.to_recover);
    for (const auto& name : cases::milestone_names())
        if (const auto one = cases::milestone(state, name))
            out[name] = rfc3339(one->at) + " (" + one->source + ")";
    return out;
}

Result<Answer> tell(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    Answer answer;
    std::vector<std::chrono::milliseconds> recoveries;
    if (args.id) {
        const auto state = bench.cases.find(*args.id, context.principal);
        if (!state) return state.error();
        add_case(bench, *state, answer, recoveries);
        answer.times = times_json(*state);
        return answer;
    }
    std::vector<cases::UnreadCase> unread;
    const auto all = bench.cases.list(context.principal, "", cases_max, &unread);
    if (!all) return all.error();
    for (const auto& one : *all) {
        if (const auto state = bench.cases.find(one.id, context.principal))
            add_case(bench, *state, answer, recoveries);
        else
            add_unread(one.id, state.error(), unread);
    }
    answer.problems = problems_of(unread);
    if (!recoveries.empty()) {
        std::sort(recoveries.begin(), recoveries.end());
        answer.median_to_recover = cases::duration_text(recoveries[(recoveries.size() - 1) / 2]);
    }
    const auto recurring = bench.cases.recurring(context.principal, recurring_min);
    if (!recurring) return recurring.error();
    for (const auto& one : *recurring) answer.recurring.push_back({one.signature, one.cases});
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> get_stats_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "get_stats",
        .title = "Statistics",
        .description = "Counts over cases, median time to recover, overdue actions, errors that came three "
                       "times; or the times and size of one case.",
        .input = Schema<Args>{}.field("case", &Args::id, ""),
        .output = Schema<Answer>{}
                      .field("cases", &Answer::cases, "")
                      .field("runs", &Answer::runs, "")
                      .field("evidence_bytes", &Answer::evidence_bytes, "")
                      .field("log_tokens", &Answer::log_tokens, "Estimate, to read the inspect log.")
                      .field("tokens_reported", &Answer::tokens_reported, "By analyses.")
                      .field("by_status", &Answer::by_status, "")
                      .field("by_severity", &Answer::by_severity, "")
                      .field("by_source", &Answer::by_source, "Runs by tool.")
                      .field("times", &Answer::times, "")
                      .field("median_to_recover", &Answer::median_to_recover, "")
                      .field("overdue", &Answer::overdue, "")
                      .list("recurring", &Answer::recurring,
                            Schema<Recurring>{}
                                .field("signature", &Recurring::signature, "")
                                .field("cases", &Recurring::cases, ""),
                            "")
                      .field("problems", &Answer::problems, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return tell(bench, args, context); },
    });
}

}  // namespace casefile::tools::admin
