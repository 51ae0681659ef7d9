// record_fix: what people mean to change, why, at which risk, and what proves that it works. casefile changes
// nothing.

#include "base/text.h"
#include "cases/gates.h"
#include "cases/told.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

struct Args {
    std::string id, key;
    std::optional<std::string> title, description, old, replacement, rationale, risk, verification, safety,
        patch, link, state, fails_before, passes_after;
};

struct Line {
    std::string key, title, state, risk, link, fails_before, passes_after;
};

struct Answer {
    std::vector<Line> fixes;
    std::vector<std::string> warnings;
};

/// A run of this case that was sealed, or an attachment of it: what an external test left behind.
Result<std::string> proof(const cases::CaseState& state, const char* field, const std::string& text) {
    if (const auto run = state.run_meant_by(text)) return run->run_id;
    for (const auto& attachment : state.attachments)
        if (string_or(attachment, "name") == text) return text;
    return invalid(std::string(field) +
                       ": expected a run id of this case or the name of an attachment, got '" +
                       printable(shorten(text, 60)) + "'",
                   "file the output of a test with casefile attach");
}

struct Member {
    const char* name;
    std::optional<std::string> Args::*value;
};

constexpr Member members[] = {
    {"description", &Args::description}, {"old", &Args::old},     {"new", &Args::replacement},
    {"rationale", &Args::rationale},     {"risk", &Args::risk},   {"verification", &Args::verification},
    {"safety", &Args::safety},           {"patch", &Args::patch}, {"link", &Args::link},
};

Result<cases::Entry> entry_of(const cases::CaseState& state, const Args& args) {
    const auto* earlier = cases::newest_with_key(state, "fix." + args.key);
    if (earlier == nullptr && !args.title) return invalid("title: expected what the fix is, got nothing");
    cases::Entry entry;
    entry.kind = "fix";
    entry.key = "fix." + args.key;
    entry.text = args.title.value_or(earlier == nullptr ? "" : earlier->text);
    json::object value;
    if (earlier != nullptr && earlier->value.is_object()) value = earlier->value.get_object();
    for (const auto& one : members)
        if (args.*one.value) value[one.name] = *(args.*one.value);
    for (const auto& [name, given] :
         {std::pair("fails_before", args.fails_before), std::pair("passes_after", args.passes_after)}) {
        if (!given) continue;
        auto found = proof(state, name, *given);
        if (!found) return found.error();
        value[name] = *found;
        if (state.run(*found)) entry.evidence.push_back(*found);
    }
    entry.state = args.state.value_or(earlier == nullptr ? "proposed" : earlier->state);
    const bool proved = value.contains("fails_before") && value.contains("passes_after");
    if (proved && value["fails_before"] == value["passes_after"])
        return invalid("passes_after: expected another run or attachment than fails_before, got the same",
                       "run the test again on the new code: one run cannot show both");
    if (entry.state == "validated" && !proved)
        return invalid("state: validated needs fails_before and passes_after",
                       "run the test on the old and on the new code, and give both");
    entry.value = std::move(value);
    return entry;
}

Result<Answer> take(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto before = bench.cases.find(args.id, context.principal);
    if (!before) return before.error();
    auto entry = entry_of(*before, args);
    if (!entry) return entry.error();
    const bool is_new = cases::newest_with_key(*before, entry->key) == nullptr;
    auto doubts = cases::doubts_about(*before, entry->evidence);
    if (auto done = bench.cases.write(args.id, *std::move(entry), context.principal); !done)
        return done.error();
    Answer answer;
    answer.warnings = cases::gate_to_fix(*before);
    if (is_new && !answer.warnings.empty())
        if (auto done =
                bench.cases.write(args.id, cases::override_entry("fix", answer.warnings), context.principal);
            !done)
            return done.error();
    answer.warnings.insert(answer.warnings.end(), doubts.begin(), doubts.end());
    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    for (const auto& one : cases::newest_of(*state, "fix"))
        answer.fixes.push_back({one.key.substr(4), one.text, one.state, cases::member_of(one, "risk"),
                                cases::member_of(one, "link"), cases::member_of(one, "fails_before"),
                                cases::member_of(one, "passes_after")});
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> record_fix_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "record_fix",
        .title = "Record a fix",
        .description = "Writes or changes a fix that people make; casefile applies nothing.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("key", &Args::key, "")
                     .length(1, 60)
                     .field("title", &Args::title, "")
                     .length(1, 300)
                     .field("description", &Args::description, "")
                     .field("old", &Args::old, "")
                     .field("new", &Args::replacement, "")
                     .field("rationale", &Args::rationale, "")
                     .field("risk", &Args::risk, "")
                     .field("verification", &Args::verification, "")
                     .field("safety", &Args::safety, "Fallback, logging, metric.")
                     .field("patch", &Args::patch, "Unified diff.")
                     .length(0, 500'000)
                     .field("link", &Args::link, "Of the pull request.")
                     .field("fails_before", &Args::fails_before, "Run or attachment.")
                     .field("passes_after", &Args::passes_after, "")
                     .field("state", &Args::state, "")
                     .choices({"proposed", "implemented", "validated", "deployed", "withdrawn"}),
        .output = Schema<Answer>{}
                      .list("fixes", &Answer::fixes,
                            Schema<Line>{}
                                .field("key", &Line::key, "")
                                .field("title", &Line::title, "")
                                .field("state", &Line::state, "")
                                .field("risk", &Line::risk, "")
                                .field("link", &Line::link, "")
                                .field("fails_before", &Line::fails_before, "")
                                .field("passes_after", &Line::passes_after, ""),
                            "")
                      .field("warnings", &Answer::warnings, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return take(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
