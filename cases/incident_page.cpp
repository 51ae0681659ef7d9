#include "cases/incident_page.h"

#include "base/text.h"
#include "cases/figures.h"
#include "cases/markdown.h"
#include "cases/milestones.h"
#include "cases/told.h"
#include "cases/write_up.h"
#include "cases/zone.h"

namespace casefile::cases {
namespace {

/// A tag as note-takers write it: one word behind a hash.
std::string tag_of(std::string_view text) {
    return "#" + slug(text.starts_with('#') ? text.substr(1) : text, 60);
}

/// " (runs 3, 4)": a page elsewhere cannot link into the case's folder.
std::string runs_of(const CaseState& state, const std::vector<std::string>& evidence) {
    const auto numbers = run_numbers(state, evidence);
    return numbers.empty() ? "" : " (run " + numbers + ")";
}

class Page {
  public:
    explicit Page(const CaseState& state) : state_(state) {}

    std::string render(const std::string& key_fingerprint, const std::vector<std::string>& earlier) {
        head();
        summary();
        impact();
        cause();
        events();
        next_steps();
        metrics();
        out_ += "\n" + tags() + "\n\n---\n\nCase " + state_.id + ", " + anchor_line(state_, key_fingerprint) +
                ".\n";
        if (!earlier.empty()) heading("History");
        for (const auto& one : earlier) out_ += "- " + line_of(one, 200) + "\n";
        return std::move(out_);
    }

  private:
    void heading(const char* name) { out_ += std::string("\n## ") + name + "\n\n"; }
    /// As people write it, in the zone of the case; what is no time is somebody's text.
    std::string time(const std::string& at) const {
        return parse_rfc3339(at) ? written_in(state_.fields.time_window.value_or(TimeWindow{}).timezone, at)
                                 : line_of(at, 40);
    }
    bool is_over() const { return state_.status() == "resolved" || state_.status() == "closed"; }
    void lines(std::string_view key) {
        for (const auto& one : told(state_, key))
            out_ += "- " + line_of(one.text) + runs_of(state_, one.evidence) + "\n";
    }

    void head() {
        const auto started = milestone(state_, "started"), detected = milestone(state_, "detected");
        const auto took = times_of(state_).to_recover;
        out_ += "# Incident " + state_.id + "\n\n**Status:** " + (is_over() ? "Resolved" : "Active") + " (" +
                state_.status() + ")\n**Severity:** " + state_.fields.severity.value_or("not told") +
                "\n**Started:** " + time(rfc3339((started ? *started : *detected).at)) + "\n**Duration:** " +
                (took ? duration_text(*took) : "ongoing") + "\n";
        if (const auto over = milestone(state_, "recovered"); is_over() && over)
            out_ += "**Resolved:** " + time(rfc3339(over->at)) + "\n";
    }
    void summary() {
        heading("Summary");
        out_ += line_of(state_.topic()) + "\n";
        if (const auto seen = state_.fields.symptoms.value_or(Symptoms{}).actual; !seen.empty())
            out_ += "\nSeen: " + line_of(seen) + "\n";
        lines("recovery");
    }
    void impact() {
        heading("Impact");
        for (const auto& one : figures(state_))
            out_ += "- **" + line_of(one.name, 80) + ":** " + (one.estimate ? "~" : "") +
                    line_of(amount_text(one), 80) + runs_of(state_, one.evidence) + "\n";
        lines("impact");
        if (const auto* slo = newest_with_key(state_, "slo"))
            out_ += "- **Service level:** " + line_of(slo->text) + "\n";
    }
    void cause() {
        heading(is_over() ? "Root Cause" : "Root Cause (Preliminary)");
        const auto before = out_.size();
        lines("root_cause");
        for (const auto& one : hypotheses(state_))
            if (out_.size() == before && one.state == "open")
                out_ += "- hypothesis: " + line_of(one.text) + "\n";
        if (out_.size() == before) out_ += "_not known yet_\n";
    }
    void events() {
        heading("Timeline");
        for (const auto& event : Timeline(state_))
            if (event.kind == "event" || event.kind == "status" || event.kind == "handoff")
                out_ += "- " + time(event.at) + " - " + line_of(event.text) +
                        runs_of(state_, event.evidence) + "\n";
    }
    void next_steps() {
        heading(is_over() ? "Post-Mortem Actions" : "Next Steps");
        for (const auto& one : told(state_, "action")) {
            const auto* value = one.value.if_object();
            const auto due = value == nullptr ? "" : string_or(*value, "due");
            out_ += std::string(one.state == "done" ? "- [x] " : "- [ ] ") + line_of(one.text) +
                    (due.empty() ? "" : " (due: " + line_of(due, 40) + ")") + "\n";
        }
        for (const auto& question : state_.questions()) out_ += "- [ ] " + line_of(question) + "\n";
    }
    /// What the entries of that name hold: numbers, or queries.
    void metrics() {
        heading("Metrics");
        const auto* snapshot = newest_with_key(state_, "metrics_snapshot");
        const auto* recovered = newest_with_key(state_, "recovery");
        for (const auto* entry : {snapshot, recovered}) {
            const auto* value = entry == nullptr ? nullptr : entry->value.if_object();
            for (const auto& pair : value == nullptr ? json::object() : *value)
                out_ += "- " + line_of(pair.key(), 80) + ": `" + line_of(member_of(*entry, pair.key()), 300) +
                        "`\n";
        }
        if (snapshot == nullptr && recovered == nullptr) out_ += "_none on file_\n";
    }
    std::string tags() const {
        std::vector<std::string> all{is_over() ? "#incident-resolved" : "#incident"};
        if (state_.fields.severity) all.push_back(tag_of(*state_.fields.severity));
        for (const auto& tag : state_.fields.tags.value_or(std::vector<std::string>()))
            all.push_back(tag_of(tag));
        return join(all, " ");
    }

    const CaseState& state_;
    std::string out_;
};

}  // namespace

std::string page_file_name(const CaseState& state) { return "Incident " + state.id + ".md"; }

std::string incident_page(const CaseState& state, const std::string& key_fingerprint,
                          const std::vector<std::string>& earlier) {
    return Page(state).render(key_fingerprint, earlier);
}

}  // namespace casefile::cases
