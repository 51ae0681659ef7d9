#include "cases/prompt_facts.h"

#include "base/text.h"
#include "cases/told.h"
#include "cases/write_up.h"

namespace casefile::cases {
namespace {

constexpr std::size_t brief_bytes_max = 560, list_bytes_max = 420, line_bytes_max = 160;

std::string shown(std::string_view text, std::size_t bytes_max = line_bytes_max) {
    return printable(shorten(trim(text), bytes_max));
}

/// Collects lines while there is room, and counts those that are left out.
class Lines {
  public:
    explicit Lines(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    void add(const std::string& line) {
        if (text_.size() + line.size() + 3 > bytes_max_) {
            ++left_out_;
            return;
        }
        text_ += (text_.empty() ? "- " : "\n- ") + line;
    }
    void fact(const char* name, const std::string& value) {
        if (!trim(value).empty()) add(std::string(name) + ": " + shown(value));
    }
    std::string text() const {
        if (left_out_ == 0) return text_;
        return text_ + "\n- and " + std::to_string(left_out_) + " more (get_case, read_evidence)";
    }

  private:
    std::size_t bytes_max_;
    std::string text_;
    std::size_t left_out_ = 0;
};

/// " [runs 3, 4]", by the numbers that evidence arguments take as well.
std::string runs_behind(const CaseState& state, const std::vector<std::string>& run_ids) {
    const auto numbers = run_numbers(state, run_ids, 6);
    return numbers.empty() ? "" : " [runs " + numbers + "]";
}

std::string brief(const CaseState& state) {
    Lines lines(brief_bytes_max);
    const auto& fields = state.fields;
    const auto symptoms = fields.symptoms.value_or(Symptoms{});
    const auto window = fields.time_window.value_or(TimeWindow{});
    lines.add(state.id + ", " + fields.severity.value_or("no severity told") + ", " + state.status());
    lines.fact("Topic", state.topic());
    lines.fact("Environment", fields.env.value_or(""));
    lines.fact("Expected", symptoms.expected);
    lines.fact("Seen", symptoms.actual);
    if (!window.start.empty() || !window.end.empty()) lines.fact("Window", window_text(window));
    lines.fact("Ids", ids_text(state));
    lines.fact("Root cause", fields.root_cause.value_or(""));
    return lines.text();
}

std::string hypotheses_of(const CaseState& state) {
    Lines lines(list_bytes_max);
    for (const auto& one : hypotheses(state))
        lines.add(shown(one.key, 40) + " (" + one.state + "): " + shown(one.text) +
                  runs_behind(state, one.evidence));
    return lines.text();
}

std::string findings_of(const CaseState& state) {
    Lines lines(list_bytes_max);
    auto all = findings(state);
    for (auto one = all.rbegin(); one != all.rend(); ++one)
        lines.add(shown(one->text) + runs_behind(state, one->evidence));
    return lines.text();
}

/// Newest first.
std::string runs_of(const CaseState& state) {
    Lines lines(list_bytes_max);
    for (const auto& run : state.runs.newest_first())
        lines.add("run " + std::to_string(run.seq) + " " + shown(run.tool, 40) + " " + shown(run.env, 40) +
                  " " + (run.outcome.empty() ? "open" : run.outcome) + ": " + shown(run.summary, 90));
    return lines.text();
}

std::string questions_of(const CaseState& state) {
    Lines lines(list_bytes_max);
    for (const auto& one : told(state, "open_question")) lines.add(shown(one.text));
    for (const auto& question : state.questions()) lines.add(shown(question));
    return lines.text();
}

/// The newest entries of a kind or under a key, newest first; a later word under the same key replaces.
std::string entries_of(const CaseState& state, std::string_view kind, std::string_view key) {
    Lines lines(list_bytes_max);
    std::vector<std::string> seen;
    for (auto entry = state.entries.rbegin(); entry != state.entries.rend(); ++entry) {
        const bool wanted =
            entry->kind == kind || entry->key == key || entry->key.starts_with(std::string(key) + ".");
        if (!wanted || entry->kind == "override" ||
            std::find(seen.begin(), seen.end(), entry->key) != seen.end())
            continue;
        if (entry->key.find('.') != std::string::npos) seen.push_back(entry->key);
        const auto at = entry->happened_at.empty() ? std::string() : entry->happened_at + " ";
        const auto mark = entry->state.empty() ? std::string() : " (" + shown(entry->state, 20) + ")";
        lines.add(at + shown(entry->text) + mark + runs_behind(state, entry->evidence));
    }
    return lines.text();
}

/// What was told to have changed: in the framing, under the key change, and as events of the timeline.
std::string changes_of(const CaseState& state) {
    Lines lines(list_bytes_max);
    const auto framing = state.fields.framing.value_or(json::object());
    if (const auto* told = member(framing, "changes")) {
        if (const auto* list = told->if_array())
            for (const auto& one : *list)
                lines.add(shown(one.is_string() ? std::string(one.get_string()) : canonical(one)));
        else if (told->is_string())
            lines.add(shown(told->get_string()));
    }
    for (const auto& event : Timeline(state))
        if (event.kind == "event") lines.add(shown(event.at, 40) + " " + shown(event.text));
    for (const auto& entry : state.entries)
        if (entry.key == "change" || entry.key.starts_with("change.")) lines.add(shown(entry.text));
    return lines.text();
}

}  // namespace

std::map<std::string, std::string> prompt_facts(const CaseState& state) {
    std::map<std::string, std::string> facts{
        {"brief", brief(state)},
        {"hypotheses", hypotheses_of(state)},
        {"findings", findings_of(state)},
        {"runs", runs_of(state)},
        {"questions", questions_of(state)},
        {"changes", changes_of(state)},
        {"handoff", entries_of(state, "handoff", "handoff")},
        {"actions", entries_of(state, "action", "action")},
        {"fixes", entries_of(state, "fix", "fix")},
    };
    std::erase_if(facts, [](const auto& one) { return one.second.empty(); });
    return facts;
}

}  // namespace casefile::cases
