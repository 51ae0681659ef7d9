// set_action: what has to be done, by when and by whom. People do it; the record keeps that it is owed.

#include "base/text.h"
#include "cases/told.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

struct Args {
    std::string id, key;
    std::optional<std::string> text, horizon, owner, due, state;
};

struct Line {
    std::string key, text, horizon, owner, due, state;
};

struct Answer {
    std::vector<Line> actions;
    std::vector<std::string> missing;
};

/// A date, or an instant.
bool is_due_date(const std::string& text) {
    return parse_rfc3339(text).has_value() || parse_rfc3339(text + "T00:00:00Z").has_value();
}

Result<Answer> set(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    if (args.due && !is_due_date(*args.due))
        return invalid("due: expected a date such as 2026-11-30, got '" + printable(shorten(*args.due, 40)) +
                       "'");
    auto before = bench.cases.find(args.id, context.principal);
    if (!before) return before.error();
    const auto* earlier = cases::newest_with_key(*before, "action." + args.key);
    if (earlier == nullptr && !args.text) return invalid("text: expected what is to be done, got nothing");
    cases::Entry entry;
    entry.kind = "action";
    entry.key = "action." + args.key;
    entry.text = args.text.value_or(earlier == nullptr ? "" : earlier->text);
    entry.state = args.state.value_or(earlier == nullptr ? "open" : earlier->state);
    json::object value;
    if (earlier != nullptr && earlier->value.is_object()) value = earlier->value.get_object();
    if (args.horizon) value["horizon"] = *args.horizon;
    if (args.owner) value["owner"] = *args.owner;
    if (args.due) value["due"] = *args.due;
    entry.value = std::move(value);
    if (auto done = bench.cases.write(args.id, std::move(entry), context.principal); !done)
        return done.error();

    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    Answer answer;
    for (const auto& one : cases::newest_of(*state, "action")) {
        Line line{one.key.substr(std::min(one.key.size(), one.key.find('.') + 1)),
                  one.text,
                  cases::member_of(one, "horizon"),
                  cases::member_of(one, "owner"),
                  cases::member_of(one, "due"),
                  one.state};
        if (line.owner.empty()) answer.missing.push_back(line.key + ": who does it?");
        if (line.due.empty()) answer.missing.push_back(line.key + ": by when?");
        answer.actions.push_back(std::move(line));
    }
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> set_action_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "set_action",
        .title = "Set an action",
        .description = "Writes or changes an action item. Ask the user for owner and date.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("key", &Args::key, "For example pool-alert.")
                     .length(1, 60)
                     .field("text", &Args::text, "")
                     .length(1, 1'000)
                     .field("horizon", &Args::horizon, "0-2 h, 2-24 h, 1-4 weeks, or an alert.")
                     .choices({"immediate", "short", "long", "monitoring"})
                     .field("owner", &Args::owner, "")
                     .length(1, 100)
                     .field("due", &Args::due, "A date.")
                     .field("state", &Args::state, "")
                     .choices({"open", "done", "withdrawn"}),
        .output = Schema<Answer>{}
                      .list("actions", &Answer::actions,
                            Schema<Line>{}
                                .field("key", &Line::key, "")
                                .field("text", &Line::text, "")
                                .field("horizon", &Line::horizon, "")
                                .field("owner", &Line::owner, "")
                                .field("due", &Line::due, "")
                                .field("state", &Line::state, ""),
                            "")
                      .field("missing", &Answer::missing, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return set(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
