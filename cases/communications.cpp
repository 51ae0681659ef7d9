#include "cases/communications.h"

#include "base/text.h"
#include "cases/draft_writer.h"
#include "cases/markdown.h"
#include "cases/milestones.h"
#include "cases/told.h"
#include "cases/vocabulary.h"

namespace casefile::cases {
namespace {

constexpr Room sentence{.words_max = 60, .links_max = 4};

/// The newest word under a key; empty when nobody told it.
std::string newest(const CaseState& state, std::string_view key) {
    const auto all = told(state, key);
    return all.empty() ? "" : all.back().text;
}

class Message {
  public:
    Message(const CaseState& state, std::string audience, std::string moment)
        : state_(state),
          audience_(std::move(audience)),
          moment_(std::move(moment)),
          writer_(state, "comms_" + audience_ + "_" + moment_) {}

    Draft write(const std::string& key_fingerprint) {
        const bool inside = audience_ == "internal";
        writer_.line("# Draft, to be sent by a person: " + audience_ + ", " + moment_ + "\n");
        writer_.line("**Subject:** " + subject(inside) + "\n");
        if (moment_ == "first") first(inside);
        if (moment_ == "update") update(inside);
        if (moment_ == "resolved") resolved(inside);
        for_the_sender();
        return writer_.finish(key_fingerprint);
    }

  private:
    std::string subject(bool inside) const {
        const auto what = writer_.shown(inside ? state_.topic() : service(), sentence);
        const auto mark = inside ? state_.fields.severity.value_or("P2") + " " + state_.id + ": " : "";
        if (moment_ == "resolved") return "Resolved: " + mark + what;
        return (moment_ == "update" ? "Update: " : "") + mark + what;
    }
    /// What people outside call it; a case's topic may name things of the inside.
    std::string service() const {
        const auto name = string_or(state_.fields.framing.value_or(json::object()), "service");
        return name.empty() ? "our service" : name;
    }
    /// A sentence of the case, or a gap that a person has to fill.
    std::string sentence_of(const std::string& text, const char* missing) {
        if (!trim(text).empty()) return writer_.shown(text, sentence);
        writer_.miss(missing);
        return std::string("_[") + missing + "]_";
    }
    std::string seen() {
        return sentence_of(state_.fields.symptoms.value_or(Symptoms{}).actual,
                           "symptoms: what do people see?");
    }
    std::string at(std::string_view name) const {
        const auto told = milestone(state_, name);
        return told ? rfc3339(told->at) : "";
    }
    void next_update() {
        const auto next = string_or(state_.fields.metadata.value_or(json::object()), "next_update");
        writer_.line("\nNext update: " + sentence_of(next, "metadata.next_update: when do they hear again?"));
    }

    void first(bool inside) {
        writer_.line(
            (inside ? "Seen: " : "We are aware of a problem with " + line_of(service(), 200) + ". ") +
            seen());
        writer_.line("Since: " + sentence_of(at("started"), "milestone started: since when?"));
        if (inside) {
            writer_.line("Severity: " + state_.fields.severity.value_or("not told"));
            writer_.line("Impact so far:");
            writer_.figures_list();
            for (const auto& one : newest_of(state_, "handoff"))
                writer_.line("- " + line_of(member_of(one, "to"), 40) + " has it since " + one.at);
        } else {
            writer_.line("Our engineers are working on it.");
        }
        workaround();
        next_update();
    }
    void update(bool inside) {
        writer_.line("Status: " + state_.status() + ". " + seen());
        if (inside)
            writer_.line("Cause: " + sentence_of(newest(state_, "root_cause"), "root_cause: what is known?"));
        else
            writer_.line(state_.status() == "mitigated" ? "The worst is over; we are watching it."
                                                        : "We are still working on it.");
        workaround();
        writer_.line("Right again: " + sentence_of(newest(state_, "eta"), "eta: when is it right again?"));
        next_update();
    }
    void resolved(bool inside) {
        writer_.line("It is resolved. From " + sentence_of(at("started"), "milestone started: since when?") +
                     " to " + sentence_of(at("recovered"), "milestone recovered: until when?") + ". " +
                     seen());
        if (inside) {
            writer_.line("Cause: " + sentence_of(newest(state_, "root_cause"), "root_cause: what was it?"));
            writer_.figures_list();
            writer_.line("\nTo be done:\n");
            writer_.actions();
            return;
        }
        writer_.line("Your data: " + sentence_of(newest(state_, "data_correction"),
                                                 "data_correction: what happens to wrong data?"));
        if (audience_ == "partner")
            writer_.line("Service level: " + sentence_of(newest_slo(), "slo: compute_slo with the case"));
        writer_.line("We are sorry for the trouble.");
    }
    std::string newest_slo() const {
        const auto* slo = newest_with_key(state_, "slo");
        return slo == nullptr ? "" : slo->text;
    }
    void workaround() {
        if (const auto text = newest(state_, "workaround"); !text.empty())
            writer_.line("What you can do: " + writer_.shown(text, sentence));
    }
    /// Facts with their runs, not to be sent.
    void for_the_sender() {
        writer_.heading("For the sender, not to be sent");
        writer_.part("root_cause", "- **Cause:** ", sentence);
        writer_.part("impact", "- **Impact:** ", sentence);
        writer_.line("- Check names, promises and times; say nothing that is not known.");
    }

    const CaseState& state_;
    std::string audience_, moment_;
    DraftWriter writer_;
};

}  // namespace

Draft communication(const CaseState& state, const std::string& audience, const std::string& moment,
                    const std::string& key_fingerprint) {
    return Message(state, audience, moment).write(key_fingerprint);
}

}  // namespace casefile::cases
