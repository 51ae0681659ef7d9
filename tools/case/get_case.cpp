// get_case: the brief of one case within 2,000 tokens, or the list of cases.

#include "base/text.h"
#include "cases/vocabulary.h"
#include "cases/write_up.h"
#include "tools/case/tools.h"
#include "tools/unread_cases.h"

namespace casefile::tools::case_record {
namespace {

constexpr std::size_t brief_bytes_max =
    2'000 * 4 / 2;  // the structured answer and its text twin share the budget
constexpr std::size_t cases_max = 20, attachments_max = 20;

struct Args {
    std::optional<std::string> id, search;
};

struct RunBrief {
    std::int64_t seq = 0;
    std::string run, tool, task, outcome, summary;
};

struct EntryBrief {
    std::string kind, key, text, state;
    std::vector<std::string> evidence;
};

struct GrantBrief {
    std::string env, how, expires_at;
};

struct CaseLine {
    std::string id, topic, status, severity, opened_at;
    std::int64_t runs = 0;
    std::optional<bool> external;
    std::optional<std::vector<std::string>> hits;
};

struct Answer {
    std::optional<std::string> id, topic, status;
    std::optional<json::object> fields;
    std::optional<std::vector<std::string>> questions;
    std::vector<GrantBrief> grants;
    std::vector<EntryBrief> entries;
    std::vector<RunBrief> runs;
    std::vector<CaseLine> cases;
    std::optional<std::vector<std::string>> attachments;
    std::optional<std::int64_t> runs_total, entries_total;
    std::optional<std::string> toolset;
    std::optional<std::vector<std::string>> problems;
};

/// Which toolset would help next; nothing while the default one is enough.
std::optional<std::string> toolset_for(const cases::CaseState& state) {
    const auto severity = state.fields.severity.value_or("");
    const auto hypotheses = std::count_if(state.entries.begin(), state.entries.end(),
                                          [](const auto& entry) { return entry.kind == "hypothesis"; });
    if (state.status() == "resolved" || state.status() == "closed")
        return "admin: learn, save_pattern, find_similar, export_page (casefile serve --toolsets "
               "default,admin)";
    if (severity == "P0" || severity == "P1" || hypotheses > 1 || cases::is_past_finding(state.status()))
        return "work: next_step, set_plan, set_hypothesis, set_impact, record_fix, hand_off, draft_document "
               "(casefile serve --toolsets default,work)";
    return std::nullopt;
}

/// Keeps the newest of `items` that fit into `bytes_left`, in their order.
template <class Item, class Size>
void keep_newest(std::vector<Item>& items, std::size_t& bytes_left, Size size) {
    auto first = items.end();
    while (first != items.begin()) {
        const auto cost = size(*std::prev(first));
        if (cost > bytes_left) break;
        bytes_left -= cost;
        --first;
    }
    items.erase(items.begin(), first);
}

/// Long texts are shortened for the brief; the inspect log and the journal hold them whole.
json::value brief_value(const json::value& value) {
    if (value.is_string()) return json::value(shorten(value.get_string(), 300));
    return json::serialize(value).size() > 600 ? json::value("too long for the brief; see the inspect log")
                                               : value;
}

Answer brief(const cases::CaseState& state, const std::string& now) {
    Answer answer{.id = state.id, .topic = state.topic(), .status = state.status()};
    json::object fields;
    for (const auto& pair : cases::write_fields(state.fields))
        if (pair.key() != "topic" && pair.key() != "status") fields[pair.key()] = brief_value(pair.value());
    auto bytes_left = brief_bytes_max - std::min(brief_bytes_max / 2, json::serialize(fields).size());
    answer.fields = std::move(fields);
    answer.questions = state.questions();
    answer.toolset = toolset_for(state);
    for (const auto& one : state.attachments) {
        if (!answer.attachments) answer.attachments.emplace();
        if (answer.attachments->size() < attachments_max)
            answer.attachments->push_back(string_or(one, "name"));
    }
    for (const auto& grant : state.grants)
        if (grant->expires_at > now && state.imported_key.empty())
            answer.grants.push_back({grant->env, grant->how, grant->expires_at});
    for (const auto& entry : state.entries)
        answer.entries.push_back(
            {entry.kind, entry.key, shorten(entry.text, 240), entry.state, entry.evidence});
    for (const auto& run : state.runs)
        answer.runs.push_back({static_cast<std::int64_t>(run.seq), run.run_id, run.tool, run.task,
                               run.outcome.empty() ? "open" : run.outcome, shorten(run.summary, 100)});
    answer.runs_total = static_cast<std::int64_t>(answer.runs.size());
    answer.entries_total = static_cast<std::int64_t>(answer.entries.size());
    auto entry_bytes = bytes_left / 2;
    bytes_left -= entry_bytes;
    keep_newest(answer.entries, entry_bytes, [](const auto& entry) {
        return 40 + entry.text.size() + entry.key.size() + 24 * entry.evidence.size();
    });
    bytes_left += entry_bytes;
    keep_newest(answer.runs, bytes_left,
                [](const auto& run) { return 100 + run.tool.size() + run.task.size() + run.summary.size(); });
    return answer;
}

Result<Answer> list(Workbench& bench, const std::string& search, const mcp::CallContext& context) {
    std::vector<cases::UnreadCase> unread;
    auto found = bench.cases.list(context.principal, search, cases_max, &unread);
    if (!found) return found.error();
    Answer answer;
    answer.problems = problems_of(unread);
    for (const auto& one : *found)
        answer.cases.push_back({one.id, shorten(one.topic, 100), one.status, one.severity, one.opened_at,
                                one.runs, one.external ? std::optional(true) : std::nullopt,
                                one.hits.empty() ? std::nullopt : std::optional(one.hits)});
    return answer;
}

Schema<Answer> answer_schema() {
    return Schema<Answer>{}
        .field("case", &Answer::id, "")
        .field("topic", &Answer::topic, "")
        .field("status", &Answer::status, "")
        .field("fields", &Answer::fields, "")
        .field("questions", &Answer::questions, "")
        .list("grants", &Answer::grants,
              Schema<GrantBrief>{}
                  .field("env", &GrantBrief::env, "")
                  .field("how", &GrantBrief::how, "")
                  .field("expires_at", &GrantBrief::expires_at, ""),
              "")
        .list("entries", &Answer::entries,
              Schema<EntryBrief>{}
                  .field("kind", &EntryBrief::kind, "")
                  .field("key", &EntryBrief::key, "")
                  .field("text", &EntryBrief::text, "")
                  .field("state", &EntryBrief::state, "")
                  .field("evidence", &EntryBrief::evidence, ""),
              "Newest that fit.")
        .field("entries_total", &Answer::entries_total, "")
        .list("runs", &Answer::runs,
              Schema<RunBrief>{}
                  .field("seq", &RunBrief::seq, "")
                  .field("run", &RunBrief::run, "")
                  .field("tool", &RunBrief::tool, "")
                  .field("task", &RunBrief::task, "")
                  .field("outcome", &RunBrief::outcome, "")
                  .field("summary", &RunBrief::summary, ""),
              "Newest that fit.")
        .field("runs_total", &Answer::runs_total, "")
        .field("toolset", &Answer::toolset, "That would help.")
        .field("attachments", &Answer::attachments, "")
        .list("cases", &Answer::cases,
              Schema<CaseLine>{}
                  .field("case", &CaseLine::id, "")
                  .field("topic", &CaseLine::topic, "")
                  .field("status", &CaseLine::status, "")
                  .field("severity", &CaseLine::severity, "")
                  .field("opened_at", &CaseLine::opened_at, "")
                  .field("runs", &CaseLine::runs, "")
                  .field("external", &CaseLine::external, "")
                  .field("hits", &CaseLine::hits, ""),
              "Without case: newest first.")
        .field("problems", &Answer::problems, "Cases that cannot be read.");
}

}  // namespace

std::unique_ptr<mcp::Tool> get_case_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "get_case",
        .title = "Get a case",
        .description =
            "Gives the brief of a case, or without case the list of cases (search looks in topics, logs and "
            "findings).",
        .input =
            Schema<Args>{}.field("case", &Args::id, "").field("search", &Args::search, "").length(1, 200),
        .output = answer_schema(),
        .run = [&bench](const Args& args, mcp::CallContext& context) -> Result<Answer> {
            if (!args.id) return list(bench, args.search.value_or(""), context);
            auto state = bench.cases.find(*args.id, context.principal);
            if (!state) return state.error();
            return brief(*state, rfc3339(bench.clock.now()));
        },
    });
}

}  // namespace casefile::tools::case_record
