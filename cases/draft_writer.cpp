#include "cases/draft_writer.h"

#include <map>
#include <set>

#include "base/text.h"
#include "cases/figures.h"
#include "cases/markdown.h"
#include "cases/vocabulary.h"
#include "cases/zone.h"

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

/// Of an action: owner, due or horizon.
std::string value_of(const Told& action, std::string_view name) {
    const auto* value = action.value.if_object();
    return value == nullptr ? "" : string_or(*value, name);
}

struct Horizon {
    std::string_view name;
    const char* title;
};

constexpr Horizon horizons[] = {{"immediate", "Immediate (0-2 h)"},
                                {"short", "Short term (2-24 h)"},
                                {"long", "Long term (1-4 weeks)"},
                                {"monitoring", "Monitoring"},
                                {"", ""}};

const char* mark_of(const std::vector<std::string>& evidence) {
    return evidence.empty() ? " _(no run cited)_" : " _(no run with data cited)_";
}

/// The mark of a verdict that is one of the bare ones.
const char* doubt_about(const TimelineEvent& event, const std::vector<Entry>& bare) {
    if (event.kind != "hypothesis") return "";
    for (const auto& one : bare)
        if (event.text.starts_with("hypothesis " + one.key + " " + one.state + ":"))
            return mark_of(one.evidence);
    return "";
}

/// More rows hide those that matter, and a client takes only so much text.
constexpr std::size_t evidence_rows_max = 200;

std::set<std::string> runs_behind_entries(const CaseState& state) {
    std::set<std::string> runs;
    for (const auto& entry : state.entries)
        for (auto& run_id : cited_runs(state, entry.text, entry.evidence)) runs.insert(std::move(run_id));
    return runs;
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

void DraftWriter::figures_list(const std::string& indent) {
    for (const auto& one : figures(state_)) {
        const auto links = links_to_runs(state_, one.evidence, to_case, Room{}.links_max);
        line(indent + "- " + line_of(one.name, 80) + ": " + inline_text(shorten(amount_text(one), 80)) +
             method_of(one) + (links.empty() ? "" : " (" + links + ")"));
    }
}

void DraftWriter::actions() {
    const auto all = told(state_, "action");
    if (all.empty()) {
        line(not_told);
        miss("action: " + std::string(known_key("action").question));
        return;
    }
    for (const auto& [horizon, title] : horizons) {
        bool begun = false;
        for (const auto& action : all) {
            if (value_of(action, "horizon") != horizon) continue;
            if (!begun && *title != '\0') line(std::string("**") + title + "**\n");
            begun = true;
            action_line(action);
        }
        if (begun && *title != '\0') line("");
    }
}

void DraftWriter::action_line(const Told& action) {
    const auto owner = value_of(action, "owner"), due = value_of(action, "due"),
               name = shorten(printable(action.text), 120);
    const auto links = links_to_runs(state_, action.evidence, to_case, Room{}.links_max);
    line(std::string(action.state == "done" ? "- [x] " : "- [ ] ") + line_of(action.text, 400) + " (" +
         (owner.empty() ? std::string("owner: ") + not_told : inline_text(shorten(owner, 100))) + ", " +
         (due.empty() ? std::string("due: ") + not_told : inline_text(shorten(due, 40))) + ")" +
         (links.empty() ? "" : " (" + links + ")"));
    if (owner.empty()) miss("action '" + name + "': who does it? (value.owner)");
    if (due.empty()) miss("action '" + name + "': by when? (value.due)");
}

void DraftWriter::events() {
    const auto bare = bare_verdicts(state_);
    // Every run is in the evidence table; here it would drown the story.
    for (const auto& event : Timeline(state_)) {
        static const std::set<std::string> story{"status",   "grant",      "event",  "finding",
                                                 "decision", "hypothesis", "handoff"};
        if (story.count(event.kind) == 0) continue;
        const auto links =
            links_to_runs(state_, cited_runs(state_, event.text, event.evidence), to_case, Room{}.links_max);
        line("- " + time(event.at) + ": " + line_of(event.text) + " (" + inline_text(event.source) + ")" +
             (links.empty() ? "" : " (" + links + ")") + doubt_about(event, bare));
    }
    for (const auto& one : bare) uncited("hypothesis " + one.key + " " + one.state, one.text);
}

void DraftWriter::evidence() {
    line("| Run | Time | Tool | Environment | Outcome | Summary |\n|---|---|---|---|---|---|");
    const bool all = state_.runs.size() <= evidence_rows_max;
    const auto cited = all ? std::set<std::string>() : runs_behind_entries(state_);
    std::map<std::string, std::size_t> others;
    std::size_t rows = 0;
    for (const auto& run : state_.runs) {
        const auto outcome = run.outcome.empty() ? std::string("open") : run.outcome;
        if (!all && (!cited.contains(run.run_id) || rows == evidence_rows_max)) {
            ++others[outcome];
            continue;
        }
        ++rows;
        line("| " + link_to_run(run, to_case) + " | " + time(run.opened_at) + " | " + inline_text(run.tool) +
             " | " + inline_text(run.env) + " | " + inline_text(outcome) + " | " +
             inline_text(shorten(run.summary, 400)) + " |");
    }
    if (others.empty()) return;
    std::vector<std::string> counts;
    for (const auto& [outcome, count] : others) counts.push_back(std::to_string(count) + " " + outcome);
    line("\nNot listed, as nothing here cites them: " + join(counts, ", ") + ". Every run is in ../runs.");
}

Draft DraftWriter::finish(const std::string& key_fingerprint, std::size_t environments_max) {
    line("\n---\n\nCase " + state_.id + ", environments confirmed: " +
         environments_of(state_, environments_max) + ", " + anchor_line(state_, key_fingerprint) + ".");
    return std::move(draft_);
}

std::string DraftWriter::time(const std::string& at) const {
    // What is no time is somebody's text.
    return parse_rfc3339(at) ? written_in(state_.fields.time_window.value_or(TimeWindow{}).timezone, at)
                             : inline_text(at);
}

std::string DraftWriter::shown(const std::string& text, Room room) const {
    return line_of(first_words(text, room.words_max));
}

/// The text with its runs. A root cause without data of its own may stand on a supported hypothesis, and says
/// so.
std::string DraftWriter::cited(const std::string& name, const Told& one, Room room) {
    auto text = shown(one.text, room);
    if (const auto links = links_to_runs(state_, one.evidence, to_case, room.links_max); !links.empty())
        text += " (" + links + ")";
    if (!runs_with_data(state_, one.evidence).empty()) return text;
    static const std::set<std::string> facts{
        "finding", "root cause", "impact", "contributing factors", "error pattern", "recovery actions"};
    const bool fact = facts.count(name) > 0;
    if (name == "root cause")
        if (const auto support = supported_by(room); !support.empty()) return text + " (" + support + ")";
    if (!fact) return text;
    uncited(name, one.text);
    return text + mark_of(one.evidence);
}

void DraftWriter::uncited(const std::string& name, const std::string& text) {
    draft_.uncited.push_back(name + ": " + shorten(printable(text), 200));
}

std::string DraftWriter::supported_by(Room room) const {
    for (const auto& hypothesis : hypotheses(state_)) {
        if (hypothesis.state != "supported") continue;
        const auto links =
            links_to_runs(state_, runs_with_data(state_, hypothesis.evidence), to_case, room.links_max);
        if (!links.empty()) return "hypothesis " + line_of(hypothesis.key, 40) + " supported by " + links;
    }
    return {};
}

void DraftWriter::miss(const std::string& what) {
    if (std::find(draft_.missing.begin(), draft_.missing.end(), what) == draft_.missing.end())
        draft_.missing.push_back(what);
}

}  // namespace casefile::cases
