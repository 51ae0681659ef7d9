#include "cases/draft_writer.h"

#include <set>

#include "base/text.h"
#include "cases/markdown.h"
#include "cases/vocabulary.h"

namespace casefile::cases {
namespace {

const char* const not_told = "_not told yet_";
const char* const to_case = "../";  // drafts stand in a folder of their own
constexpr std::size_t bytes_per_word_max = 16;
constexpr std::string_view spaces = " \t\r\n";

std::string first_words(std::string_view text, std::size_t words_max) {
    if (words_max == Room{}.words_max) return std::string(text);
    std::size_t at = 0;
    for (std::size_t words = 0; words < words_max; ++words) {
        at = text.find_first_not_of(spaces, at);
        if (at == std::string_view::npos) return shorten(text, words_max * bytes_per_word_max);
        at = std::min(text.find_first_of(spaces, at), text.size());
    }
    const bool all = trim(text.substr(at)).empty();
    return shorten(text.substr(0, at), words_max * bytes_per_word_max) + (all ? "" : "…");
}

std::string owner_of(const Told& action) {
    const auto* value = action.value.if_object();
    return value == nullptr ? "" : string_or(*value, "owner");
}
std::string due_of(const Told& action) {
    const auto* value = action.value.if_object();
    return value == nullptr ? "" : string_or(*value, "due");
}

std::string cell(const std::string& text) {
    return text.empty() ? not_told : inline_text(shorten(text, 400));
}

}  // namespace

std::size_t words_in(std::string_view text) {
    std::size_t words = 0;
    for (std::size_t at = text.find_first_not_of(spaces); at != std::string_view::npos;
         at = text.find_first_not_of(spaces, at)) {
        ++words;
        at = std::min(text.find_first_of(spaces, at), text.size());
    }
    return words;
}

DraftWriter::DraftWriter(const CaseState& state, std::string kind) : state_(state) {
    draft_.kind = std::move(kind);
}

void DraftWriter::title(const std::string& name, Room room) {
    line("# " + name + ": " + shown(state_.topic(), room));
}

void DraftWriter::heading(const std::string& name) { line("\n## " + name + "\n"); }

void DraftWriter::fact(const std::string& name, const std::string& value, Room room) {
    line("- **" + name + ":** " + (trim(value).empty() ? not_told : shown(value, room)));
}

void DraftWriter::section(std::string_view key, Room room) {
    heading(std::string(known_key(key).title));
    part(key, known_key(key).many ? "- " : "", room);
}

void DraftWriter::part(std::string_view key, const std::string& lead, Room room) {
    const auto& known = known_key(key);
    const auto all = told(state_, key);
    if (all.empty()) {
        line(lead + not_told);
        miss(std::string(key) + ": " + std::string(known.question));
        return;
    }
    const auto name = lower(known.title);
    for (const auto& one : all) line(lead + cited(name, one, room));
}

void DraftWriter::symptoms(Room room) {
    const auto symptoms = state_.fields.symptoms.value_or(Symptoms{});
    fact("Expected", symptoms.expected, room);
    fact("Seen", symptoms.actual, room);
    if (symptoms.expected.empty() || symptoms.actual.empty())
        miss("symptoms: what was expected, and what is seen instead?");
}

void DraftWriter::findings_list(std::size_t count_max, Room room) {
    auto all = findings(state_);
    if (all.empty()) miss("finding: what do the runs show?");
    std::set<std::string> elsewhere;
    for (const auto& known : known_keys())
        for (const auto& one : told(state_, known.key)) elsewhere.insert(one.text);
    std::erase_if(all, [&](const Told& finding) { return elsewhere.contains(finding.text); });

    const std::size_t left_out = all.size() - std::min(all.size(), count_max);
    for (std::size_t i = 0; i < all.size(); ++i) {
        // What is left out is still counted as uncited.
        const auto finding = cited("finding", all[i], room);
        if (i >= left_out) line("- " + finding);
    }
    if (left_out > 0) line("- " + std::to_string(left_out) + " more in the investigation log");
}

void DraftWriter::actions() {
    const auto all = told(state_, "action");
    if (all.empty()) {
        line(not_told);
        miss("action: " + std::string(known_key("action").question));
        return;
    }
    line("| Action | Owner | Due | State | Evidence |\n|---|---|---|---|---|");
    for (const auto& action : all) {
        const auto owner = owner_of(action), due = due_of(action),
                   name = shorten(printable(action.text), 120);
        line("| " + cell(action.text) + " | " + cell(owner) + " | " + cell(due) + " | " +
             inline_text(action.state.empty() ? "open" : action.state) + " | " +
             links_to_runs(state_, action.evidence, to_case, Room{}.links_max) + " |");
        if (owner.empty()) miss("action '" + name + "': who does it? (value.owner)");
        if (due.empty()) miss("action '" + name + "': by when? (value.due)");
    }
}

void DraftWriter::events() {
    // Every run is in the evidence table; here it would drown the story.
    for (const auto& event : timeline(state_)) {
        if (event.kind == "run" || event.kind == "step" || event.kind == "note") continue;
        const auto links =
            links_to_runs(state_, cited_runs(state_, event.text, event.evidence), to_case, Room{}.links_max);
        line("- " + inline_text(event.at) + " " + line_of(event.text) + " (" + inline_text(event.source) +
             ")" + (links.empty() ? "" : " (" + links + ")"));
    }
}

void DraftWriter::evidence() {
    line("| Run | Time | Tool | Environment | Outcome | Summary |\n|---|---|---|---|---|---|");
    for (const auto& run : state_.runs)
        line("| " + links_to_runs(state_, {run.run_id}, to_case, 1) + " | " + run.opened_at + " | " +
             inline_text(run.tool) + " | " + inline_text(run.env) + " | " +
             inline_text(run.outcome.empty() ? "open" : run.outcome) + " | " +
             inline_text(shorten(run.summary, 400)) + " |");
}

Draft DraftWriter::finish(const std::string& key_fingerprint, std::size_t environments_max) {
    line("\n---\n\nCase " + state_.id + ", environments confirmed: " +
         environments_of(state_, environments_max) + ", " + anchor_line(state_, key_fingerprint) + ".");
    return std::move(draft_);
}

std::string DraftWriter::shown(const std::string& text, Room room) const {
    return line_of(first_words(text, room.words_max));
}

/// The text with its runs. A root cause without runs of its own may stand on a supported hypothesis, and says
/// so.
std::string DraftWriter::cited(const std::string& name, const Told& one, Room room) {
    const auto text = shown(one.text, room);
    if (const auto links = links_to_runs(state_, one.evidence, to_case, room.links_max); !links.empty())
        return text + " (" + links + ")";
    const bool fact = name == "finding" || name == "root cause" || name == "impact";
    if (name == "root cause")
        if (const auto support = supported_by(room); !support.empty()) return text + " (" + support + ")";
    if (fact) draft_.uncited.push_back(name + ": " + shorten(printable(one.text), 200));
    return text;
}

std::string DraftWriter::supported_by(Room room) const {
    for (const auto& hypothesis : hypotheses(state_)) {
        if (hypothesis.state != "supported") continue;
        const auto links = links_to_runs(state_, hypothesis.evidence, to_case, room.links_max);
        if (!links.empty()) return "hypothesis " + line_of(hypothesis.key, 40) + " supported by " + links;
    }
    return {};
}

void DraftWriter::miss(const std::string& what) {
    if (std::find(draft_.missing.begin(), draft_.missing.end(), what) == draft_.missing.end())
        draft_.missing.push_back(what);
}

}  // namespace casefile::cases
