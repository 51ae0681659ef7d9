// search_notes: what was written into cases, by words, with the runs behind it.

#include "base/text.h"
#include "cases/told.h"
#include "tools/admin/tools.h"

namespace casefile::tools::admin {
namespace {

constexpr std::size_t cases_max = 200, notes_max = 50;

struct Args {
    std::string search;
    std::optional<std::string> id;
};

struct Line {
    std::string id, at, kind, key, text;
    std::int64_t matched = 0;
    std::vector<std::string> evidence;
};

struct Answer {
    std::vector<Line> notes;
    bool truncated = false;
};

std::vector<std::string> words_of(const std::string& search) {
    std::vector<std::string> words;
    for (const auto& word : split(lower(search), ' '))
        if (!trim(word).empty()) words.emplace_back(trim(word));
    return words;
}

void look_in(const cases::CaseState& state, const std::vector<std::string>& words, Answer& answer) {
    for (const auto& entry : state.entries) {
        auto text = entry.key + " " + entry.text;
        if (!entry.value.is_null()) text += " " + canonical(entry.value);
        const auto low = lower(text);
        const auto matched = std::count_if(words.begin(), words.end(), [&](const std::string& word) {
            return low.find(word) != std::string::npos;
        });
        if (matched == 0) continue;
        const auto shown_text =
            entry.value.is_null() ? entry.text : entry.text + " " + canonical(entry.value);
        answer.notes.push_back({state.id, entry.at, entry.kind, entry.key, shorten(shown_text, 400), matched,
                                cases::cited_runs(state, entry.text, entry.evidence)});
    }
}

Result<Answer> search(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    const auto words = words_of(args.search);
    if (words.empty()) return invalid("search: expected words, got spaces");
    Answer answer;
    std::vector<std::string> ids;
    if (args.id) {
        ids.push_back(*args.id);
    } else {
        const auto all = bench.cases.list(context.principal, "", cases_max);
        if (!all) return all.error();
        for (const auto& one : *all) ids.push_back(one.id);
        answer.truncated = ids.size() == cases_max;
    }
    for (const auto& id : ids) {
        const auto state = bench.cases.find(id, context.principal);
        if (!state && args.id) return state.error();
        if (state) look_in(*state, words, answer);
    }
    std::stable_sort(answer.notes.begin(), answer.notes.end(),
                     [](const Line& one, const Line& other) { return one.matched > other.matched; });
    if (answer.notes.size() > notes_max) {
        answer.notes.resize(notes_max);
        answer.truncated = true;
    }
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> search_notes_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "search_notes",
        .title = "Search notes",
        .description = "Finds entries of the logs that hold any of the words, those with most first.",
        .input = Schema<Args>{}
                     .field("search", &Args::search, "Words, or keys such as root_cause.")
                     .length(1, 200)
                     .field("case", &Args::id, "Only this one."),
        .output = Schema<Answer>{}
                      .list("notes", &Answer::notes,
                            Schema<Line>{}
                                .field("case", &Line::id, "")
                                .field("at", &Line::at, "")
                                .field("kind", &Line::kind, "")
                                .field("key", &Line::key, "")
                                .field("text", &Line::text, "")
                                .field("matched", &Line::matched, "")
                                .field("evidence", &Line::evidence, ""),
                            "")
                      .field("truncated", &Answer::truncated, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return search(bench, args, context); },
    });
}

}  // namespace casefile::tools::admin
