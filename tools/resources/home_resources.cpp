#include "tools/resources/home_resources.h"

#include "base/text.h"
#include "cases/markdown.h"
#include "cases/told.h"
#include "tools/work/runbooks.h"

namespace casefile::tools::resources {
namespace {

constexpr std::size_t cases_max = 1'000, patterns_max = 200;

constexpr const char* learn_uri = "casefile://policy/learn";
constexpr const char* patterns_uri = "casefile://patterns";
constexpr const char* runbooks_uri = "casefile://runbooks";

constexpr const char* learn_policy = R"(# What is learned, and where it goes

A case leaves two packs. `learn` writes both, and refuses a global one that holds a name of the case.

| | project pack | global pack |
|---|---|---|
| for | who works on this system | anybody, anywhere |
| holds | names, tables, topics, groups, keys, what they mean here | steps, checks, causes in general words |
| lies in | `learn/project/` of casefile's home | `learn/global/` |

## What takes the place of a name

| in the case | in the global pack |
|---|---|
| a service, an endpoint, an alert | `<service-1>`, `<endpoint-1>`, `<alert-1>` |
| a table, a schema | `<table-1>` |
| a topic, a consumer group | `<topic-1>`, `<group-1>` |
| a key of the cache, or a part of it | `<key-1>` |
| an id of an order, a user, a payment | `<id-1>` |
| an environment, a variable, an address | `<environment-1>`, `<variable-1>`, `<endpoint-1>` |
| a person, a module | `<person-1>`, `<module-1>` |
| a case, a run | `<case-1>`, `<run-1>` |

## What counts as a name

Ids, environments, variables, endpoints, services, people, case and run ids as the record tells them; tables, topics,
groups and keys as the arguments and the results of the runs tell them. Whole words count, whatever their case. Numbers
of one or two digits name nothing.

## What is not learned at all

Values of rows, entries and messages, and anything that identifies a customer. What a pack says stands behind runs; the
runs stay with the case.
)";

std::string patterns_text(Workbench& bench, const std::string& principal) {
    std::string text =
        "# Patterns\n\nWhat earlier cases found behind an error. `find_similar` looks for one.\n";
    std::size_t count = 0;
    const auto all = bench.cases.list(principal, "", cases_max);
    for (const auto& summary : all ? *all : std::vector<cases::CaseSummary>()) {
        const auto state = bench.cases.find(summary.id, principal);
        const auto* pattern = state ? cases::newest_with_key(*state, "pattern") : nullptr;
        if (pattern == nullptr || count == patterns_max) continue;
        ++count;
        text += "\n## " + cases::line_of(cases::member_of(*pattern, "signature"), 300) + "\n\n- **Case:** " +
                state->id + ", " + cases::line_of(state->topic(), 200) + " (" + state->status() + ", " +
                (pattern->state.empty() ? "saved" : cases::line_of(pattern->state, 40)) + ")\n- **Cause:** " +
                cases::line_of(cases::member_of(*pattern, "cause"), 2'000) + "\n";
        if (const auto fix = cases::member_of(*pattern, "fix"); !fix.empty())
            text += "- **Fix:** " + cases::line_of(fix, 2'000) + "\n";
        std::vector<std::string> runs;
        for (const auto& run_id : pattern->evidence) runs.push_back(cases::line_of(run_id, 40));
        if (!runs.empty()) text += "- **Runs:** " + join(runs, ", ") + "\n";
    }
    return count == 0 ? text + "\n_none yet: a case that is resolved proposes one, save_pattern keeps it_\n"
                      : text;
}

void add_steps(std::string& text, const char* title, const std::vector<std::string>& steps) {
    if (!steps.empty()) text += std::string("\n") + title + "\n\n";
    for (const auto& step : steps) text += "- " + cases::line_of(step) + "\n";
}

std::string runbooks_text(Workbench& bench) {
    std::string text =
        "# Runbooks\n\nMarkdown files in `runbooks/` of casefile's home. `find_runbook` finds one by "
        "alert, error or words, and gives its text.\n";
    const auto all = work::read_runbooks(bench.cases.store().home());
    for (const auto& runbook : all) {
        text += "\n## " + cases::line_of(runbook.title, 200) +
                "\n\nFile: " + cases::line_of(runbook.name, 200) + ".md\n";
        add_steps(text, "Steps for casefile's tools:", runbook.reads);
        add_steps(text, "Steps for people:", runbook.for_people);
    }
    return all.empty() ? text + "\n_none yet: draft_document kind runbook makes one of a case_\n" : text;
}

}  // namespace

const std::vector<mcp::Resource>& home_resources() {
    static const std::vector<mcp::Resource> all = [] {
        std::vector<mcp::Resource> out(3);
        out[0].uri = learn_uri;
        out[0].name = "learn policy";
        out[0].title = "What is learned, and where it goes";
        out[0].description =
            "Which names stay in the project, and what takes their place outside; the tool learn applies it.";
        out[1].uri = patterns_uri;
        out[1].name = "patterns";
        out[1].title = "Patterns";
        out[1].description = "Error, cause and fix of earlier cases; the tool find_similar looks among them.";
        out[2].uri = runbooks_uri;
        out[2].name = "runbooks";
        out[2].title = "Runbooks";
        out[2].description = "The runbooks of this home; the tool find_runbook gives the text of one.";
        for (auto& one : out) one.mime_type = "text/markdown";
        return out;
    }();
    return all;
}

std::optional<mcp::ResourceContent> read_home_resource(Workbench& bench, const std::string& principal,
                                                       const std::string& uri) {
    mcp::ResourceContent content{.uri = uri, .mime_type = "text/markdown", .bytes = {}};
    if (uri == learn_uri)
        content.bytes = learn_policy;
    else if (uri == patterns_uri)
        content.bytes = patterns_text(bench, principal);
    else if (uri == runbooks_uri)
        content.bytes = runbooks_text(bench);
    else
        return std::nullopt;
    return content;
}

}  // namespace casefile::tools::resources
