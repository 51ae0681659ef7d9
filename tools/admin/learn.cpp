// learn: keeps what the next investigation needs, once with the names of this project, and once without any
// of them.

#include <set>

#include "base/text.h"
#include "cases/markdown.h"
#include "cases/plan.h"
#include "cases/signature.h"
#include "cases/told.h"
#include "evidence/files.h"
#include "tools/admin/identifiers.h"
#include "tools/admin/tools.h"

namespace casefile::tools::admin {
namespace {

struct Args {
    std::string id;
    std::optional<std::string> project, global;
};

struct Answer {
    std::string project_file, global_file, project, global;
    std::optional<std::string> note;
};

void add_told(std::string& text, const cases::CaseState& state, std::string_view key, const char* title) {
    const auto all = cases::told(state, key);
    if (all.empty()) return;
    text += std::string("\n## ") + title + "\n\n";
    for (const auto& one : all) {
        const auto links = cases::links_to_runs(state, one.evidence, "../", 8);
        text += "- " + cases::line_of(one.text) + (links.empty() ? "" : " (" + links + ")") + "\n";
    }
}

/// Names with their kinds, as a table in which a person writes the meanings.
std::string project_pack(const cases::CaseState& state, const Identifiers& identifiers) {
    std::string text = "# Project pack: " + cases::line_of(state.topic(), 200) + "\n\nFrom case " + state.id +
                       ".\n\n## Names\n\n| Name | Kind | Meaning here |\n|---|---|---|\n";
    for (const auto& [folded, one] : identifiers) {
        const auto kind = one.placeholder.substr(1, one.placeholder.rfind('-') - 1);
        if (!one.met || kind == "run" || kind == "case" || kind == "person") continue;
        text += "| " + cases::inline_text(shorten(one.name, 120)) + " | " + kind + " | |\n";
    }
    text += "\n## Signature\n\n`" + cases::inline_text(cases::signature_of(state)) + "`\n";
    add_told(text, state, "root_cause", "Cause");
    add_told(text, state, "workaround", "Workaround");
    add_told(text, state, "lesson", "Lessons");
    text += "\n## Reads that helped\n\n";
    for (const auto& finding : cases::findings(state))
        for (const auto& run_id : finding.evidence)
            if (const auto run = state.run(run_id))
                text += "- " + cases::links_to_runs(state, {run_id}, "../", 1) + " " +
                        cases::inline_text(run->tool) + ": " + cases::line_of(run->summary, 200) + "\n";
    return text;
}

/// Steps and checks in general words. What the case says of itself goes without its identifiers, secrets,
/// numbers and addresses.
std::string global_pack(const cases::CaseState& state, const Identifiers& identifiers, const Masks& masks) {
    const auto general = [&](const std::string& told) {
        return cases::line_of(cases::in_general_words(without_identifiers(masks.text(told), identifiers)),
                              600);
    };
    std::string text = "# Global pack: " + general(cases::signature_of(state)) + "\n\n## Signs\n\n";
    const auto symptoms = state.fields.symptoms.value_or(cases::Symptoms{});
    if (!symptoms.actual.empty()) text += "- Seen: " + general(symptoms.actual) + "\n";
    if (!symptoms.expected.empty()) text += "- Expected: " + general(symptoms.expected) + "\n";
    text += "\n## Steps\n\n";
    std::vector<std::string> seen;
    for (const auto& run : state.runs) {
        if (run.outcome != "answered" || std::find(seen.begin(), seen.end(), run.tool) != seen.end())
            continue;
        seen.push_back(run.tool);
        text += std::to_string(seen.size()) + ". " + run.tool + " on <environment>\n";
    }
    text +=
        "\n## Checks\n\n- [ ] Is it the system that is meant (fingerprint)?\n- [ ] Source of truth first, "
        "then "
        "the cache, then the queue\n- [ ] Differences before dumps\n- [ ] Was the first symptom checked "
        "again?\n";
    text += "\n## Cause, in general words\n\n";
    for (const auto& one : cases::told(state, "root_cause")) text += "- " + general(one.text) + "\n";
    text += "\n## What was ruled out\n\n";
    for (const auto& one : cases::hypotheses(state))
        if (one.state == "refuted") text += "- " + general(one.text) + "\n";
    for (const auto& one : cases::told(state, "lesson")) text += "\n" + general(one.text) + "\n";
    return text;
}

/// What a person or a model wrote may name nothing of the case. A line that casefile generated does not, even
/// where one of its own words happens to be the name of a key.
Result<void> check_global(const std::string& text, const std::string& generated,
                          const Identifiers& identifiers) {
    const auto own = split(generated, '\n');
    const std::set<std::string_view> known(own.begin(), own.end());
    std::string written;
    for (const auto& line : split(text, '\n'))
        if (!known.contains(line)) written += line + "\n";
    auto left = identifiers_in(written, identifiers);
    if (left.empty()) return {};
    const auto count = left.size();
    constexpr std::size_t shown_max = 20;
    if (left.size() > shown_max) left.resize(shown_max);
    std::vector<std::string> hints;
    for (const auto& one : left) hints.push_back(printable(one.name) + " → " + one.placeholder);
    return denied("global: the text still holds " + std::to_string(count) +
                      " identifiers of the case: " + join(hints, ", "),
                  "write it again with the placeholders, then give it as global once more");
}

/// A copy beside those of other cases, where the next investigator looks first.
Result<void> keep(const std::filesystem::path& home, const char* kind, const std::string& name,
                  const std::string& text) {
    const auto opened = evidence::open_folder(home);
    if (!opened) return opened.error();
    const auto learn = evidence::make_folder_at(opened->get(), "learn", true);
    if (!learn) return learn.error();
    const auto folder = evidence::make_folder_at(learn->get(), kind, true);
    if (!folder) return folder.error();
    return evidence::replace_file_at(folder->get(), name, text, true);
}

Result<Answer> learn(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    const auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    const auto identifiers = identifiers_of(bench, *state);
    Answer answer;
    answer.project = args.project.value_or(project_pack(*state, identifiers));
    const auto generated = global_pack(*state, identifiers, bench.masks);
    answer.global = args.global.value_or(generated);
    if (auto done = check_global(answer.global, generated, identifiers); !done) return done.error();
    const auto file_both = [&](const char* kind, const std::string& text) {
        return bench.cases.file_draft(args.id, kind, text, context.principal);
    };
    const auto project = file_both("learn-project", answer.project);
    if (!project) return project.error();
    const auto global = file_both("learn-global", answer.global);
    if (!global) return global.error();
    const auto& home = bench.cases.store().home();
    if (auto done = keep(home, "project", state->id + ".md", answer.project); !done) return done.error();
    // Its name must not tell the case either.
    const auto name = slug(without_identifiers(cases::signature_of(*state), identifiers), 80) + ".md";
    if (auto done = keep(home, "global", name, answer.global); !done) return done.error();
    answer.project_file = project->path.string();
    answer.global_file = global->path.string();
    if (!args.global)
        answer.note =
            "nobody knows the names of people and companies that the case does not list: read the global "
            "pack, and give it again as global where it still names some";
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> learn_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "learn",
        .title = "Learn from a case",
        .description = "Files a project pack with the case's names, and a global pack without any: a global "
                       "text that still holds an identifier of the case is refused.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("project", &Args::project, "Instead of the generated text.")
                     .length(1, 100'000)
                     .field("global", &Args::global, "Placeholders such as <table-1>, <topic-1>.")
                     .length(1, 100'000),
        .output = Schema<Answer>{}
                      .field("project_file", &Answer::project_file, "")
                      .field("global_file", &Answer::global_file, "")
                      .field("project", &Answer::project, "")
                      .field("global", &Answer::global, "")
                      .field("note", &Answer::note, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return learn(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::admin
