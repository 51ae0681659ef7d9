// find_runbook: the runbooks of this installation, Markdown files of its owner, by alert, signature or words.

#include <set>

#include "base/text.h"
#include "cases/signature.h"
#include "tools/work/runbooks.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

constexpr std::size_t found_max = 5, text_max = 3'000;

struct Args {
    std::optional<std::string> id, search;
};

struct Line {
    std::string name, title;
    std::int64_t score = 0;
    std::vector<std::string> reads, for_people;
};

struct Answer {
    std::vector<Line> runbooks;
    std::optional<std::string> text;
};

std::set<std::string> words_of(const std::string& text) {
    cases::CaseState state;
    state.fields.topic = text;
    const auto words = cases::telling_words(state);
    return {words.begin(), words.end()};
}

Result<Answer> find(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    std::string wanted = args.search.value_or("");
    if (args.id) {
        auto state = bench.cases.find(*args.id, context.principal);
        if (!state) return state.error();
        wanted += " " + cases::signature_of(*state) + " " + state->topic();
        if (state->fields.framing) wanted += " " + string_or(*state->fields.framing, "alert");
    }
    const auto words = words_of(wanted);
    auto all = read_runbooks(bench.cases.store().home());
    if (all.empty())
        return not_found(
            "find_runbook: there are no runbooks",
            "put Markdown files into the folder runbooks of casefile's home; draft_document kind "
            "runbook makes one of a case");

    std::vector<std::pair<Line, std::string>> found;
    for (auto& one : all) {
        Line line{one.name, one.title, 0, std::move(one.reads), std::move(one.for_people)};
        const auto low = lower(one.text + " " + one.name);
        for (const auto& word : words) line.score += low.find(word) != std::string::npos ? 1 : 0;
        if (line.score == 0 && !words.empty()) continue;
        found.emplace_back(std::move(line), std::move(one.text));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& one, const auto& other) { return one.first.score > other.first.score; });
    if (found.size() > found_max) found.resize(found_max);
    Answer answer;
    if (!found.empty()) answer.text = printable(shorten(found.front().second, text_max), true);
    for (auto& [line, text] : found) answer.runbooks.push_back(std::move(line));
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> find_runbook_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "find_runbook",
        .title = "Find a runbook",
        .description =
            "Finds runbooks by alert, error or words, best first with its text. reads are steps for "
            "casefile's tools, for_people are not.",
        .input =
            Schema<Args>{}.field("case", &Args::id, "").field("search", &Args::search, "").length(1, 500),
        .output = Schema<Answer>{}
                      .list("runbooks", &Answer::runbooks,
                            Schema<Line>{}
                                .field("name", &Line::name, "")
                                .field("title", &Line::title, "")
                                .field("score", &Line::score, "")
                                .field("reads", &Line::reads, "")
                                .field("for_people", &Line::for_people, ""),
                            "")
                      .field("text", &Answer::text, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return find(bench, args, context); },
    });
}

}  // namespace casefile::tools::work
