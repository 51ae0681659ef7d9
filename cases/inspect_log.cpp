#include "cases/inspect_log.h"

#include "base/text.h"
#include "cases/derived.h"
#include "cases/figures.h"
#include "cases/markdown.h"
#include "cases/milestones.h"
#include "cases/plan.h"
#include "cases/told.h"
#include "cases/vocabulary.h"
#include "cases/write_up.h"

namespace casefile::cases {
namespace {

constexpr std::size_t links_max = step_runs_max;
const char* const nothing_yet = "_nothing yet_\n";

/// Writes the sections one after the other, in the order in which a reader asks.
class InspectLog {
  public:
    InspectLog(const CaseState& state, const std::string& key_fingerprint, const TakeText& take)
        : state_(state), key_fingerprint_(key_fingerprint), take_(take) {}

    void write() {
        head();
        framing();
        question();
        understanding();
        plan();
        environments();
        evidence();
        hypothesis_board();
        entries("Findings", "finding");
        if_any("Analyses", "analysis");
        fixes();
        impact_figures();
        actions();
        if_any("Handed over", "handoff");
        if_any("Patterns", "pattern");
        if_any("Overrides", "override");
        entries("Steps", "step");
        entries("Notes", "note");
        entries("Decisions", "decision");
        events();
        open_questions();
        documents();
        anchor();
        hand_over();
    }

  private:
    void hand_over() {
        take_(out_);
        out_.clear();
    }
    void heading(const char* title) { out_ += std::string("\n## ") + title + "\n\n"; }
    /// "- **Name:** value", or nothing when there is no value.
    void fact(const char* name, const std::string& value) {
        if (!trim(value).empty()) out_ += std::string("- **") + name + ":** " + line_of(value) + "\n";
    }
    std::string runs_behind(const std::vector<std::string>& run_ids, std::size_t more = 0) const {
        const auto links = links_to_runs(state_, run_ids, "", links_max, more);
        return links.empty() ? "" : " (" + links + ")";
    }

    void head() {
        out_ += "# " + line_of(state_.topic(), 200) + ": investigation log\n\n";
        out_ += "Case " + state_.id + ", status **" + inline_text(state_.status()) + "**, opened " +
                state_.opened_at + " by " + inline_text(state_.principal) + ".\n";
        if (state_.fields.stage) out_ += "Stage of the funnel: **" + line_of(*state_.fields.stage) + "**.\n";
    }

    /// What was told before anybody looked; the symptoms stand first, under Question.
    void framing() {
        const auto told_first = state_.fields.framing.value_or(json::object());
        if (told_first.empty()) return;
        heading("Framing");
        const auto symptoms = state_.fields.symptoms.value_or(Symptoms{});
        fact("Symptoms", symptoms.actual);
        for (const auto& known : framing_keys()) {
            const auto* value = member(told_first, known.key);
            if (value == nullptr) continue;
            const auto* list = value->if_array();
            out_ += "- **" + std::string(known.title) + ":**" +
                    (list == nullptr ? " " + text_of(*value) : "") + "\n";
            for (const auto& item : list == nullptr ? json::array() : *list)
                out_ += "  - " + text_of(item) + "\n";
        }
    }
    static std::string text_of(const json::value& value) {
        return line_of(value.is_string() ? std::string(value.get_string()) : canonical(value));
    }

    void question() {
        heading("Question");
        const auto symptoms = state_.fields.symptoms.value_or(Symptoms{});
        const auto window = state_.fields.time_window.value_or(TimeWindow{});
        fact("Topic", state_.topic());
        fact("Expected", symptoms.expected);
        fact("Actual", symptoms.actual);
        fact("Severity", state_.fields.severity.value_or(""));
        fact("Environment", state_.fields.env.value_or(""));
        fact("Ids", ids_text(state_));
        if (!window.start.empty() || !window.end.empty()) fact("Window", window_text(window));
        fact("Tags", join(state_.fields.tags.value_or(std::vector<std::string>()), ", "));
    }

    void understanding() {
        heading("Understanding");
        const auto before = out_.size();
        fact("Suspected entrypoint", state_.fields.entrypoint.value_or(""));
        for (const auto* key : {"root_cause", "impact", "workaround"})
            for (const auto& one : told(state_, key))
                out_ += "- **" + std::string(known_key(key).title) + ":** " + line_of(one.text) +
                        runs_behind(one.evidence) + "\n";
        if (const auto notes = state_.fields.notes.value_or(""); !trim(notes).empty())
            out_ += "\n" + quote_of(notes);
        if (out_.size() == before) out_ += nothing_yet;
    }

    void plan() {
        heading("Plan");
        for (const auto& step : plan_of(state_)) {
            out_ += step.done ? "- [x] " : "- [ ] ";
            if (!step.id.empty()) out_ += "**" + line_of(step.id, 40) + "** ";
            out_ += line_of(step.title);
            if (step.state == "doing" || step.state == "skipped") out_ += " _" + step.state + "_";
            if (!step.after.empty()) out_ += ", after " + line_of(join(step.after, ", "));
            out_ += runs_behind(step.runs, step.runs_more) + "\n";
        }
        out_ += "\nInformation at hand:\n\n";
        for (const auto& step : information_at_hand(state_))
            out_ += std::string(step.done ? "- [x] " : "- [ ] ") + step.title + "\n";
    }

    void environments() {
        heading("Environments confirmed");
        if (state_.grants.empty()) out_ += nothing_yet;
        for (const auto& grant : state_.grants) {
            if (!grant->suspended.empty()) {
                out_ += "- **" + line_of(grant->env, 80) + "** suspended for " +
                        inline_text(grant->principal) + ", " + grant->given_at + ", record " +
                        std::to_string(grant->record) + ": " + inline_text(grant->suspended) + "\n";
                continue;
            }
            out_ += "- **" + line_of(grant->env, 80) + "** by " + inline_text(grant->confirmed_by) + " (" +
                    inline_text(grant->how) + ") for " + inline_text(grant->principal) + ", " +
                    grant->given_at + " until " + inline_text(grant->expires_at) + ", record " +
                    std::to_string(grant->record) + "\n";
            for (const auto& [variable, endpoint] : grant->variables)
                out_ += "  - " + inline_text(variable) + " at " + inline_text(endpoint) +
                        account_at(*grant, variable) + "\n";
        }
    }
    /// ", account …" from the fingerprint that the human saw for this variable.
    static std::string account_at(const Grant& grant, const std::string& variable) {
        for (const auto& one : grant.fingerprints) {
            const auto* fingerprint = one.if_object();
            if (fingerprint == nullptr || string_or(*fingerprint, "variable") != variable) continue;
            const auto* facts = member(*fingerprint, "facts");
            if (facts == nullptr || !facts->is_object()) continue;
            const auto account = string_or(facts->get_object(), "account");
            if (!account.empty()) return ", account " + inline_text(shorten(account, 200));
        }
        return {};
    }

    void evidence() {
        heading("Evidence");
        if (state_.runs.empty()) {
            out_ += nothing_yet;
            return;
        }
        out_ +=
            "| Run | Time | Tool | Environment | Outcome | Summary | Files "
            "|\n|---|---|---|---|---|---|---|\n";
        for (const auto& run : state_.runs) {
            std::vector<std::string> files;
            const auto folder = run.folder() + "/";
            for (const auto& file : run.files())
                files.push_back(run.pruned.contains(file) ? inline_text(file) + " (pruned)"
                                                          : link_to(file, folder + file));
            out_ += "| " + link_to_run(run, "") + " | " + run.opened_at + " | " + inline_text(run.tool) +
                    " | " + inline_text(run.env) + " | " +
                    inline_text(run.outcome.empty() ? "open" : run.outcome) + " | " +
                    inline_text(shorten(run.summary, 400)) + " | " + join(files, " ") + " |\n";
            if (out_.size() >= text_piece_bytes) hand_over();
        }
    }

    void hypothesis_board() {
        heading("Hypotheses");
        const auto board = hypotheses(state_);
        if (board.empty()) out_ += nothing_yet;
        for (const auto& one : board)
            out_ += "- **" + inline_text(one.state) + "** " + line_of(one.key, 80) + ": " +
                    line_of(one.text) + odds_of(one) + runs_behind(one.evidence) + "\n" +
                    would("confirms", "Would confirm", one) + would("refutes", "Would refute", one) +
                    history_of(one);
    }
    /// " (rank 1, probability 0.6)".
    static std::string odds_of(const Entry& one) {
        std::vector<std::string> odds;
        for (const auto* name : {"rank", "probability"})
            if (const auto value = member_of(one, name); !value.empty())
                odds.push_back(name + (" " + inline_text(shorten(value, 40))));
        return odds.empty() ? "" : " (" + join(odds, ", ") + ")";
    }
    static std::string would(const char* name, const char* title, const Entry& one) {
        const auto value = member_of(one, name);
        return value.empty() ? "" : "  - " + std::string(title) + ": " + line_of(value) + "\n";
    }
    /// Only of one that changed.
    std::string history_of(const Entry& one) const {
        std::vector<std::string> states;
        std::string last;
        for (const auto& entry : state_.entries)
            if (entry.kind == "hypothesis" && entry.key == one.key && entry.state != last) {
                states.push_back(inline_text(entry.state) + " " + entry.at);
                last = entry.state;
            }
        return states.size() < 2 ? "" : "  - History: " + join(states, ", ") + "\n";
    }

    void impact_figures() {
        const auto all = figures(state_);
        const auto times = times_of(state_);
        const std::pair<const char*, std::optional<std::chrono::milliseconds>> spans[] = {
            {"Time to detect", times.to_detect},
            {"Time to find", times.to_find},
            {"Time to fix", times.to_fix},
            {"Time to recover", times.to_recover}};
        if (all.empty() && !times.to_recover && !times.to_find) return;
        heading("Impact in figures");
        for (const auto& one : all)
            out_ += "- " + line_of(one.name, 80) + ": **" + line_of(amount_text(one), 80) + "**" +
                    method_of(one) + runs_behind(one.evidence) + "\n";
        for (const auto& [name, span] : spans)
            if (span) out_ += "- " + std::string(name) + ": " + duration_text(*span) + "\n";
    }

    void fixes() {
        const auto all = newest_of(state_, "fix");
        if (all.empty()) return;
        heading("Fixes");
        for (const auto& fix : all) {
            out_ += "- **" + inline_text(fix.state) + "** " + line_of(fix.key, 80) + ": " +
                    line_of(fix.text) + runs_behind(fix.evidence) + "\n";
            for (const auto* name :
                 {"old", "new", "rationale", "risk", "verification", "link", "fails_before", "passes_after"})
                if (const auto value = member_of(fix, name); !value.empty())
                    out_ += "  - " + std::string(name) + ": " + line_of(value, 1'000) + "\n";
        }
    }

    /// As a checklist, with who does it and by when.
    void actions() {
        const auto all = newest_of(state_, "action");
        if (all.empty()) return;
        heading("Actions");
        for (const auto& action : all) {
            out_ += std::string(action.state == "done" ? "- [x] " : "- [ ] ") + line_of(action.text);
            for (const auto* name : {"owner", "due", "horizon"})
                if (const auto value = member_of(action, name); !value.empty())
                    out_ += ", " + std::string(name) + " " + inline_text(shorten(value, 100));
            out_ += runs_behind(action.evidence) + "\n";
        }
    }

    void if_any(const char* title, std::string_view kind) {
        const bool any = std::any_of(state_.entries.begin(), state_.entries.end(),
                                     [&](const Entry& entry) { return entry.kind == kind; });
        if (any) entries(title, kind);
    }

    void entries(const char* title, std::string_view kind) {
        heading(title);
        const auto before = out_.size();
        for (const auto& entry : state_.entries) {
            if (entry.kind != kind) continue;
            out_ += "- " + entry.at + " ";
            if (kind == "handoff")
                out_ += "**to " + inline_text(member_of(entry, "to")) + "** ";
            else if (!entry.key.empty())
                out_ += "**" + inline_text(entry.key) + "** ";
            if (!entry.state.empty()) out_ += "_" + inline_text(entry.state) + "_ ";
            out_ += line_of(entry.text) + runs_behind(cited_runs(state_, entry.text, entry.evidence));
            // What a hand-over or an override holds is told in its text.
            if (!entry.value.is_null() && kind != "handoff" && kind != "override")
                out_ += " " + inline_text(shorten(canonical(entry.value), 400));
            out_ += " by " + inline_text(entry.by) + "\n";
        }
        if (out_.size() == before) out_ += nothing_yet;
    }

    void events() {
        heading("Timeline");
        for (const auto& event : Timeline(state_)) {
            out_ += "- " + inline_text(event.at) + " " + line_of(event.text) + " (" +
                    inline_text(event.source) + ")" + runs_behind(event.evidence) + "\n";
            if (out_.size() >= text_piece_bytes) hand_over();
        }
    }

    void open_questions() {
        heading("Open questions");
        const auto before = out_.size();
        for (const auto& question : state_.questions()) out_ += "- " + line_of(question) + "\n";
        for (const auto& one : told(state_, "open_question"))
            out_ += "- " + line_of(one.text) + runs_behind(one.evidence) + "\n";
        if (out_.size() == before) out_ += "_none_\n";
    }

    void documents() {
        if (state_.drafts.empty() && state_.attachments.empty()) return;
        heading("Documents");
        for (const auto& draft : state_.drafts)
            out_ += "- " + string_or(draft, "at") + " draft " +
                    link_to(string_or(draft, "kind"), string_or(draft, "path")) + "\n";
        for (const auto& file : state_.attachments)
            out_ += "- " + string_or(file, "at") + " attachment " +
                    link_to(string_or(file, "name"), string_or(file, "path")) + " (" +
                    inline_text(string_or(file, "original_name")) + "), SHA-256 `" +
                    inline_text(string_or(file, "sha256")) + "`\n";
    }

    void anchor() {
        heading("Anchor");
        out_ +=
            "Made anew from the journal with each record: what is written into this file is lost, and "
            "`casefile verify` finds it.\n\n";
        if (!state_.closing.empty())
            out_ += "- Closed: record " + canonical(state_.closing.at("record")) + ", over " +
                    canonical(state_.closing.at("count")) + " records, root `" +
                    inline_text(string_or(state_.closing, "root")) + "`\n";
        out_ += "- Records: " + std::to_string(state_.count) + ", layout " + std::to_string(derived_layout) +
                "\n- Head: `" + state_.head + "`\n- Key: `" + key_fingerprint_ + "`\n";
    }

    const CaseState& state_;
    const std::string& key_fingerprint_;
    const TakeText& take_;
    std::string out_;
};

}  // namespace

std::string inspect_file_name(const CaseState& state) {
    return slug(state.opened_topic, 64) + "." + state.opened_run_id + ".inspect.md";
}

void write_inspect_log(const CaseState& state, const std::string& key_fingerprint, const TakeText& take) {
    InspectLog(state, key_fingerprint, take).write();
}

std::string render_inspect_log(const CaseState& state, const std::string& key_fingerprint) {
    std::string text;
    write_inspect_log(state, key_fingerprint, [&](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace casefile::cases
