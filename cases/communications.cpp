#include "cases/communications.h"

#include "base/text.h"
#include "cases/draft_writer.h"
#include "cases/figures.h"
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
        return sentence_or_gap(writer_.shown(text, sentence), missing);
    }
    std::string sentence_or_gap(const std::string& markdown, const char* missing) {
        if (!trim(markdown).empty()) return markdown;
        writer_.miss(missing);
        return std::string("_[") + missing + "]_";
    }
    std::string seen() {
        return sentence_of(state_.fields.symptoms.value_or(Symptoms{}).actual,
                           "symptoms: what do people see?");
    }
    std::string at(std::string_view name) const {
        const auto told = milestone(state_, name);
        return told ? writer_.time(rfc3339(told->at)) : "";
    }
    /// One thing to read: a point of a list inside, a paragraph outside, where people read mail.
    void say(const char* name, const std::string& text) {
        if (audience_ == "internal")
            writer_.line("- **" + std::string(name) + ":** " + text);
        else
            writer_.line(std::string(name) + ": " + text + "\n");
    }
    /// What the case tells in the words of the inside: people outside get it in theirs.
    std::string in_their_words(std::string_view key) {
        const auto text = newest(state_, key);
        if (text.empty() || audience_ == "internal") return writer_.shown(text, sentence);
        writer_.miss(std::string(key) + ": say it in the words of those who read it");
        return "_[in their words: " + writer_.shown(text, sentence) + "]_";
    }
    void next_update() {
        const auto next = string_or(state_.fields.metadata.value_or(json::object()), "next_update");
        say("Next update", sentence_of(next, "metadata.next_update: when do they hear again?"));
    }

    void first(bool inside) {
        if (!inside) {
            writer_.line("We are aware of a problem with " + line_of(service(), 200) + ": " + seen() + "\n");
            say("Since", sentence_of(at("started"), "milestone started: since when?"));
            writer_.line("Our engineers are working on it.\n");
        } else {
            say("Seen", seen());
            say("Since", sentence_of(at("started"), "milestone started: since when?"));
            say("Severity", state_.fields.severity.value_or("not told"));
            impact_so_far();
            for (const auto& one : newest_of(state_, "handoff"))
                say("Working on it", line_of(member_of(one, "to"), 40) + ", since " + writer_.time(one.at));
        }
        workaround();
        next_update();
    }
    /// Figures where there are some, otherwise what was reported, otherwise that nobody knows.
    void impact_so_far() {
        if (!figures(state_).empty()) {
            writer_.line("- **Impact so far:**");
            return writer_.figures_list("  ");
        }
        const auto reported = string_or(state_.fields.framing.value_or(json::object()), "impact");
        const auto told = newest(state_, "impact");
        say("Impact so far", !told.empty()       ? writer_.shown(told, sentence)
                             : !reported.empty() ? writer_.shown(reported, sentence) + " (as reported)"
                                                 : "not measured yet");
    }
    void update(bool inside) {
        const auto status = state_.status();
        if (inside) {
            say("Status", status);
            say("Seen", seen());
            say("Cause", sentence_of(newest(state_, "root_cause"), "root_cause: what is known?"));
        } else {
            writer_.line("About " + line_of(service(), 200) + ": " + seen() + "\n");
            writer_.line(std::string(status == "mitigated"     ? "The worst is over; we are watching it."
                                     : is_past_finding(status) ? "We know the cause and are putting it right."
                                                               : "We are still looking for the cause.") +
                         "\n");
        }
        workaround();
        say("Right again", sentence_of(newest(state_, "eta"), "eta: when is it right again?"));
        next_update();
    }
    void resolved(bool inside) {
        if (state_.status() != "resolved" && state_.status() != "closed")
            writer_.miss("status: the case is " + state_.status() + "; this says that it is over");
        const auto from = sentence_of(at("started"), "milestone started: since when?"),
                   until = sentence_of(at("recovered"), "milestone recovered: until when?");
        if (inside) {
            say("Resolved", "from " + from + " to " + until);
            say("What was seen", seen());
            say("Cause", sentence_of(newest(state_, "root_cause"), "root_cause: what was it?"));
            impact_so_far();
            writer_.line("\nTo be done:\n");
            writer_.actions();
            return;
        }
        writer_.line("The problem with " + line_of(service(), 200) + " is solved. From " + from + " to " +
                     until + " this was seen: " + seen() + "\n");
        const auto data = in_their_words("data_correction");
        say("Your data", sentence_or_gap(data, "data_correction: what happens to wrong data?"));
        if (audience_ == "partner")
            say("Service level", sentence_of(newest_slo(), "slo: compute_slo with the case"));
        writer_.line("We are sorry for the trouble.\n");
    }
    std::string newest_slo() const {
        const auto* slo = newest_with_key(state_, "slo");
        return slo == nullptr ? "" : slo->text;
    }
    void workaround() {
        if (const auto text = in_their_words("workaround"); !text.empty()) say("What you can do", text);
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
