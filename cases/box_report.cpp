#include "cases/box_report.h"

#include "base/text.h"
#include "cases/draft_writer.h"
#include "cases/figures.h"
#include "cases/milestones.h"
#include "cases/told.h"
#include "cases/zone.h"

namespace casefile::cases {
namespace {

constexpr std::size_t width = 64, box_columns_max = 90;

std::string rule() {
    std::string out;
    for (std::size_t i = 0; i < width; ++i) out += "━";
    return out;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return columns;
}

/// Printable, and without a fence that would end the block it stands in.
std::string plain(std::string_view text, std::size_t bytes_max = 300) {
    auto out = printable(shorten(trim(text), bytes_max));
    for (auto at = out.find("```"); at != std::string::npos; at = out.find("```", at))
        out.replace(at, 3, "'''");
    return out;
}

/// `text` in lines of at most `columns_max`, broken at spaces.
std::vector<std::string> wrapped(const std::string& text, std::size_t columns_max) {
    std::vector<std::string> lines;
    for (const auto& word : split(text, ' ')) {
        if (lines.empty() || columns_of(lines.back()) + 1 + columns_of(word) > columns_max)
            lines.push_back(word);
        else
            lines.back() += " " + word;
    }
    return lines;
}

class Boxes {
  public:
    explicit Boxes(const CaseState& state)
        : state_(state), zone_(state.fields.time_window.value_or(TimeWindow{}).timezone) {}

    std::string text() {
        add("PRODUCTION INCIDENT REPORT  " + state_.id);
        add(rule());
        cause();
        events();
        impact();
        levels();
        roadmap();
        recovery();
        afterwards();
        return std::move(out_);
    }

  private:
    void add(const std::string& line) { out_ += line + "\n"; }
    /// "14:23" in the zone of the case, as it was told where the case has none; text where it is no time.
    std::string clock_of(const std::string& at) const {
        return parse_rfc3339(at) ? shown_in(zone_, at).substr(11, 5) : plain(at, 40);
    }
    /// "2026-11-22", by the same clock; empty where it is no time.
    std::string day_of(const std::string& at) const {
        return parse_rfc3339(at) ? shown_in(zone_, at).substr(0, 10) : "";
    }
    void heading(const std::string& name) { add("\n" + name + ":"); }
    std::string runs_of(const std::vector<std::string>& evidence) const {
        const auto numbers = run_numbers(state_, evidence);
        return numbers.empty() ? "" : " [run " + numbers + "]";
    }

    void cause() {
        heading("ROOT CAUSE IDENTIFIED");
        const auto all = told(state_, "root_cause");
        add(all.empty() ? "not told yet" : plain(all.back().text) + runs_of(all.back().evidence));
        for (const auto& one : told(state_, "contributing_factor"))
            add("• factor: " + plain(one.text) + runs_of(one.evidence));
        for (const auto& one : told(state_, "error_pattern"))
            add("• errors: " + plain(one.text) + runs_of(one.evidence));
    }
    /// Events that people put in, as they told them, and the changes of status, below the day of each.
    void events() {
        heading(zone_.empty() ? "INCIDENT TIMELINE" : "INCIDENT TIMELINE, " + plain(zone_, 60));
        std::string day;
        for (const auto& event : Timeline(state_)) {
            if (event.kind != "event" && event.kind != "status") continue;
            if (const auto next = day_of(event.at); !next.empty() && next != day) add(day = next);
            add(clock_of(event.at) + " - " + plain(event.text) + runs_of(event.evidence));
        }
    }
    void impact() {
        std::vector<std::string> lines;
        if (const auto took = times_of(state_).to_recover)
            lines.push_back("Duration: " + duration_text(*took));
        for (const auto& one : figures(state_))
            lines.push_back(plain(one.name, 80) + ": " + (one.estimate ? "~" : "") + amount_text(one) +
                            runs_of(one.evidence));
        for (const auto& one : told(state_, "impact"))
            lines.push_back(plain(one.text) + runs_of(one.evidence));
        for (const auto& one : told(state_, "blast_radius")) lines.push_back("Reached: " + plain(one.text));
        box("Impact assessment", lines);
    }
    void levels() {
        const auto* slo = newest_with_key(state_, "slo");
        if (slo == nullptr) return;
        std::vector<std::string> lines;
        std::size_t from = 0;
        for (auto at = slo->text.find("; "); from <= slo->text.size(); at = slo->text.find("; ", from)) {
            lines.push_back(plain(slo->text.substr(from, at - from), 120));
            if (at == std::string::npos) break;
            from = at + 2;
        }
        box("Service levels", lines);
    }
    void roadmap() {
        heading("REMEDIATION");
        bool any = false;
        for (const auto& [name, title] :
             {std::pair("immediate", "Immediate (0-2 h)"), std::pair("short", "Short term (2-24 h)"),
              std::pair("long", "Long term (1-4 weeks)"), std::pair("monitoring", "Monitoring")}) {
            int number = 0;
            for (const auto& action : newest_of(state_, "action")) {
                if (member_of(action, "horizon") != name) continue;
                if (number == 0) add(title);
                add("  " + std::to_string(++number) + ". " + plain(action.text));
                any = true;
            }
        }
        if (!any) add("no action has a horizon yet");
    }
    void recovery() {
        const auto all = told(state_, "recovery");
        const auto* recheck = newest_with_key(state_, "recheck");
        if (all.empty() && recheck == nullptr) return;
        heading("RECOVERY VALIDATION");
        for (const auto& one : all) add("• " + plain(one.text) + runs_of(one.evidence));
        if (recheck != nullptr)
            add("• symptom checked again: " + plain(recheck->text) + runs_of(recheck->evidence));
    }
    void afterwards() {
        heading("POST-INCIDENT ACTIONS");
        const auto all = told(state_, "action");
        if (all.empty()) add("not told yet");
        for (const auto& action : all) {
            std::vector<std::string> who;
            if (const auto* value = action.value.if_object())
                for (const auto* name : {"owner", "due"})
                    if (const auto told = string_or(*value, name); !told.empty())
                        who.push_back(plain(told, 60));
            add((action.state == "done" ? "☑ " : "□ ") + plain(action.text) +
                (who.empty() ? "" : " (" + join(who, ", ") + ")"));
        }
    }

    void box(const std::string& title, const std::vector<std::string>& lines) {
        std::vector<std::string> rows;
        for (const auto& line : lines) {
            const char* mark = "• ";
            for (const auto& part : wrapped(line, box_columns_max)) {
                rows.push_back(mark + part);
                mark = "  ";
            }
        }
        std::size_t inner = std::max(width - 2, columns_of(title) + 4);
        for (const auto& row : rows) inner = std::max(inner, columns_of(row) + 2);
        std::string top = "┌─ " + title + " ";
        for (std::size_t i = columns_of(top); i < inner + 1; ++i) top += "─";
        add("\n" + top + "┐");
        if (lines.empty()) add(boxed("not told yet", inner));
        for (const auto& row : rows) add(boxed(row, inner));
        std::string bottom = "└";
        for (std::size_t i = 0; i < inner; ++i) bottom += "─";
        add(bottom + "┘");
    }
    static std::string boxed(const std::string& line, std::size_t inner) {
        return "│ " + line + std::string(inner - 1 - columns_of(line), ' ') + "│";
    }

    const CaseState& state_;
    std::string zone_;
    std::string out_;
};

}  // namespace

Draft box_report(const CaseState& state, const std::string& key_fingerprint) {
    DraftWriter writer(state, "report_text");
    writer.title("Incident report");
    writer.line("\n```text\n" + Boxes(state).text() + "```");
    writer.heading("What stands behind it");
    writer.part("root_cause", "- **Cause:** ");
    writer.part("impact", "- **Impact:** ");
    writer.figures_list();
    writer.heading("Evidence");
    writer.evidence();
    return writer.finish(key_fingerprint);
}

}  // namespace casefile::cases
