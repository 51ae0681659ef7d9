// set_impact: what the incident cost, in figures that name their run or say that they are estimates, and how
// far it reached.

#include <cmath>

#include "base/text.h"
#include "cases/figures.h"
#include "cases/milestones.h"
#include "cases/slo.h"
#include "cases/told.h"
#include "tools/resources/filed_names.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

struct Told {
    std::string name;
    std::optional<double> amount, rate, minutes;
    std::optional<std::string> per, unit, estimate;
    std::vector<std::string> evidence;
};

struct Args {
    std::string id;
    std::vector<Told> figures;
    std::optional<std::vector<std::string>> blast_radius;
};

struct Line {
    std::string name, text;
    bool estimate = false;
    std::string method;
    std::vector<std::string> evidence;
};

struct Answer {
    std::vector<Line> figures;
    std::vector<std::string> blast_radius, warnings;
};

/// How long it went on: from its beginning to its end, or until now.
Result<double> minutes_of(const cases::CaseState& state, WallTime now) {
    auto from = cases::milestone(state, "started");
    if (!from) from = cases::milestone(state, "detected");
    const auto until = cases::milestone(state, "recovered");
    if (!from) return invalid("minutes: the case does not tell when it began", "timeline add with milestone");
    const auto span = (until ? until->at : now) - from->at;
    if (span.count() < 0) return invalid("minutes: the case ends before it begins");
    return static_cast<double>(span.count()) / 60'000.0;
}

Result<cases::Entry> entry_of(const cases::CaseState& state, const Told& told, WallTime now) {
    if (told.amount.has_value() == told.rate.has_value())
        return invalid("figures." + printable(told.name) + ": expected amount, or rate with per");
    if (told.evidence.empty() && !told.estimate)
        return invalid("figures." + printable(told.name) + ": expected a run behind it, or an estimate",
                       "give evidence, or say in estimate how the number was made");
    auto method = told.estimate.value_or("");
    double amount = told.amount.value_or(0);
    if (told.rate) {
        auto minutes = told.minutes ? Result<double>(*told.minutes) : minutes_of(state, now);
        if (!minutes) return minutes.error();
        const auto per = told.per.value_or("minute");
        amount = cases::accumulated(*told.rate, per == "hour", *minutes);
        // 880.92 people say more than a rate knows; the method below lets a reader compute it again.
        if (!cases::is_money(told.unit.value_or(""))) amount = std::round(amount);
        method += (method.empty() ? "" : "; ") + cases::grouped_text(*told.rate, 4) + " per " + per +
                  " for " + cases::number_text(*minutes, 2) + " min";
    }
    cases::Entry entry;
    entry.kind = "figure";
    entry.key = "figure." + slug(told.name, 60);
    entry.evidence = told.evidence;
    entry.value = json::object{{"name", told.name},
                               {"amount", amount},
                               {"unit", told.unit.value_or("")},
                               {"estimate", told.estimate.has_value()},
                               {"method", method}};
    cases::Figure shown{told.name, told.unit.value_or(""), method, amount, told.estimate.has_value(), {}};
    entry.text = told.name + ": " + cases::amount_text(shown);
    return entry;
}

/// What the evidence shows as hit, beside what was told.
std::vector<std::string> hit(Workbench& bench, const cases::CaseState& state) {
    constexpr std::size_t names_max = 50;
    auto names = resources::names_hit(bench, state);
    if (names.size() > names_max) names.resize(names_max);
    return names;
}

Result<Answer> set(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    auto before = bench.cases.find(args.id, context.principal);
    if (!before) return before.error();
    std::vector<cases::Entry> entries;
    for (const auto& told : args.figures) {
        auto entry = entry_of(*before, told, bench.clock.now());
        if (!entry) return entry.error();
        entries.push_back(*std::move(entry));
    }
    if (args.blast_radius) {
        auto names = *args.blast_radius;
        for (auto& name : hit(bench, *before))
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
        cases::Entry entry;
        entry.kind = "note";
        entry.key = "blast_radius.all";
        entry.text = names.empty() ? "nothing else was reached" : join(names, ", ");
        entries.push_back(std::move(entry));
    }
    Answer answer;
    for (auto& entry : entries) {
        const auto written = bench.cases.write(args.id, std::move(entry), context.principal);
        if (!written) return written.error();
        const auto doubts = cases::doubts_about(*before, written->evidence);
        answer.warnings.insert(answer.warnings.end(), doubts.begin(), doubts.end());
    }

    auto state = bench.cases.find(args.id, context.principal);
    if (!state) return state.error();
    for (const auto& one : cases::figures(*state))
        answer.figures.push_back({one.name, cases::amount_text(one), one.estimate, one.method, one.evidence});
    for (const auto& one : cases::told(*state, "blast_radius")) answer.blast_radius.push_back(one.text);
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> set_impact_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "set_impact",
        .title = "Set the impact",
        .description = "Keeps figures of the impact. With rate, the amount is computed over the case's "
                       "duration. Without evidence a figure has to be an estimate.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .list("figures", &Args::figures,
                           Schema<Told>{}
                               .field("name", &Told::name, "Users affected, failed requests, revenue.")
                               .length(1, 60)
                               .field("amount", &Told::amount, "")
                               .field("rate", &Told::rate, "")
                               .field("per", &Told::per, "")
                               .choices({"minute", "hour"})
                               .field("minutes", &Told::minutes, "Instead of the case's.")
                               .field("unit", &Told::unit, "")
                               .length(0, 30)
                               .field("estimate", &Told::estimate, "How it was estimated.")
                               .length(1, 300)
                               .field("evidence", &Told::evidence, "Run ids.")
                               .optional(),
                           "")
                     .length(0, 30)
                     .optional()
                     .field("blast_radius", &Args::blast_radius,
                            "Services, users; what runs show as hit is added."),
        .output = Schema<Answer>{}
                      .list("figures", &Answer::figures,
                            Schema<Line>{}
                                .field("name", &Line::name, "")
                                .field("text", &Line::text, "")
                                .field("estimate", &Line::estimate, "")
                                .field("method", &Line::method, "")
                                .field("evidence", &Line::evidence, ""),
                            "")
                      .field("blast_radius", &Answer::blast_radius, "")
                      .field("warnings", &Answer::warnings, ""),
        .run = [&bench](const Args& args, mcp::CallContext& context) { return set(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
