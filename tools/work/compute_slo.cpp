// compute_slo: error budget, availability, indicators against targets, before and after, shares: from numbers
// that are given, kept with the case.

#include "cases/milestones.h"
#include "cases/slo.h"
#include "cases/told.h"
#include "tools/work/tools.h"

namespace casefile::tools::work {
namespace {

struct Indicator {
    std::string name;
    double value = 0, target = 0;
    std::string better = "lower";
};

struct Pair {
    std::string name;
    double before = 0, after = 0;
};

struct Count {
    std::string name;
    double count = 0;
};

struct Args {
    std::optional<std::string> id;
    std::optional<double> target_percent, period_hours, downtime_minutes, rto_minutes;
    std::vector<Indicator> indicators;
    std::vector<Pair> before_after;
    std::vector<Count> counts;
    std::vector<std::string> evidence;
};

struct Answer {
    std::optional<std::string> budget_minutes, used_minutes, left_minutes, used_percent, availability_percent;
    std::vector<std::string> lines, warnings;
    std::optional<bool> all_met;
};

void count_in(bool met, Answer& answer) { answer.all_met = answer.all_met.value_or(true) && met; }

void compute_budget(const Args& args, double downtime, Answer& answer) {
    const auto budget = cases::error_budget(*args.target_percent, args.period_hours.value_or(730), downtime);
    answer.budget_minutes = cases::number_text(budget.minutes, 2);
    answer.used_minutes = cases::number_text(downtime, 2);
    answer.left_minutes = cases::number_text(budget.minutes_left, 2);
    answer.used_percent = cases::number_text(budget.used_percent, 1);
    answer.availability_percent = cases::number_text(budget.availability_percent, 3);
    answer.lines.push_back("Error budget: " + *answer.budget_minutes + " min, used " + *answer.used_minutes +
                           " min (" + *answer.used_percent + " %), left " + *answer.left_minutes + " min");
    // As finely as it is shown: what reads as 0 min left is kept.
    const bool met = budget.minutes_left > -0.005;
    count_in(met, answer);
    answer.lines.push_back("Availability: " + *answer.availability_percent + " %, target " +
                           cases::number_text(*args.target_percent, 4) + " %: " + (met ? "met" : "not met"));
}

void judge_indicators(const Args& args, Answer& answer) {
    for (const auto& one : args.indicators) {
        const bool met = one.better == "higher" ? one.value >= one.target : one.value <= one.target;
        count_in(met, answer);
        answer.lines.push_back(one.name + ": " + cases::grouped_text(one.value, 4) + ", target " +
                               (one.better == "higher" ? "at least " : "at most ") +
                               cases::grouped_text(one.target, 4) + ": " + (met ? "met" : "not met"));
    }
}

void compare(const Args& args, Answer& answer) {
    for (const auto& one : args.before_after) {
        const double factor = cases::improvement(one.before, one.after);
        auto line = one.name + ": " + cases::grouped_text(one.before, 4) + " → " +
                    cases::grouped_text(one.after, 4) + ", change " +
                    cases::grouped_text(one.after - one.before, 4);
        if (factor >= 1) line += ", factor " + cases::number_text(factor, 1);
        if (factor < 0) line += ", grew by factor " + cases::number_text(-factor, 1);
        answer.lines.push_back(std::move(line));
    }
}

void share(const Args& args, Answer& answer) {
    std::vector<double> counts;
    for (const auto& one : args.counts) counts.push_back(one.count);
    const auto percents = cases::shares(counts);
    for (std::size_t i = 0; i < percents.size(); ++i)
        answer.lines.push_back(args.counts[i].name + ": " + cases::grouped_text(counts[i], 2) + ", " +
                               std::to_string(percents[i]) + " %");
}

void judge_recovery(const Args& args, const cases::CaseState& state, Answer& answer) {
    const auto took = cases::times_of(state).to_recover;
    if (!args.rto_minutes) return;
    const auto target = cases::number_text(*args.rto_minutes, 1) + " min";
    if (!took) {
        answer.lines.push_back("Time to recover: not over yet, target " + target);
        return;
    }
    const bool met = static_cast<double>(took->count()) <= *args.rto_minutes * 60'000;
    count_in(met, answer);
    answer.lines.push_back("Time to recover: " + cases::duration_text(*took) + ", target " + target + ": " +
                           (met ? "met" : "not met"));
}

Result<Answer> compute(Workbench& bench, const Args& args, const mcp::CallContext& context) {
    Answer answer;
    std::optional<cases::CaseState> state;
    if (args.id) {
        auto found = bench.cases.find(*args.id, context.principal);
        if (!found) return found.error();
        state = *std::move(found);
    }
    auto downtime = args.downtime_minutes;
    if (!downtime && state)
        if (const auto took = cases::times_of(*state).to_recover)
            downtime = static_cast<double>(took->count()) / 60'000.0;
    if (args.target_percent && !downtime)
        return invalid("downtime_minutes: expected a number, as the case does not tell how long it lasted");
    if (args.target_percent) compute_budget(args, *downtime, answer);
    judge_indicators(args, answer);
    compare(args, answer);
    share(args, answer);
    if (state) judge_recovery(args, *state, answer);
    if (answer.lines.empty())
        return invalid(
            "compute_slo: expected target_percent, indicators, before_after, counts or rto_minutes");
    if (!args.id) return answer;
    cases::Entry entry;
    entry.kind = "note";
    entry.key = "slo";
    for (const auto& line : answer.lines) entry.text += (entry.text.empty() ? "" : "; ") + line;
    entry.evidence = args.evidence;
    const auto written = bench.cases.write(*args.id, std::move(entry), context.principal);
    if (!written) return written.error();
    answer.warnings = cases::doubts_about(*state, written->evidence);
    return answer;
}

}  // namespace

std::unique_ptr<mcp::Tool> compute_slo_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "compute_slo",
        .title = "Compute service levels",
        .description =
            "Does the arithmetic of service levels from given numbers, all_met over every target; with "
            "case, keeps it there.",
        .input = Schema<Args>{}
                     .field("case", &Args::id, "")
                     .field("target_percent", &Args::target_percent, "Availability, 99.9.")
                     .range(0, 100)
                     .field("period_hours", &Args::period_hours, "730, a month, if left out.")
                     .range(1, 87'600)
                     .field("downtime_minutes", &Args::downtime_minutes, "The case's, if left out.")
                     .range(0, 5'256'000)
                     .field("rto_minutes", &Args::rto_minutes, "")
                     .range(0, 525'600)
                     .list("indicators", &Args::indicators,
                           Schema<Indicator>{}
                               .field("name", &Indicator::name, "")
                               .field("value", &Indicator::value, "")
                               .field("target", &Indicator::target, "")
                               .field("better", &Indicator::better, "")
                               .choices({"lower", "higher"})
                               .optional(),
                           "")
                     .optional()
                     .list("before_after", &Args::before_after,
                           Schema<Pair>{}
                               .field("name", &Pair::name, "")
                               .field("before", &Pair::before, "")
                               .field("after", &Pair::after, ""),
                           "")
                     .optional()
                     .list("counts", &Args::counts,
                           Schema<Count>{}
                               .field("name", &Count::name, "")
                               .field("count", &Count::count, "")
                               .range(0, 1'000'000'000'000'000),
                           "For shares in percent.")
                     .optional()
                     .field("evidence", &Args::evidence, "Run ids.")
                     .optional(),
        .output = Schema<Answer>{}
                      .field("budget_minutes", &Answer::budget_minutes, "")
                      .field("used_minutes", &Answer::used_minutes, "")
                      .field("left_minutes", &Answer::left_minutes, "")
                      .field("used_percent", &Answer::used_percent, "")
                      .field("availability_percent", &Answer::availability_percent, "")
                      .field("lines", &Answer::lines, "")
                      .field("all_met", &Answer::all_met,
                             "Of availability, indicators and time to recover, those given a target.")
                      .field("warnings", &Answer::warnings, ""),
        .run = [&bench](const Args& args,
                        mcp::CallContext& context) { return compute(bench, args, context); },
        .read_only = false,
    });
}

}  // namespace casefile::tools::work
