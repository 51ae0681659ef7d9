#pragma once
// What a case tells under a known key, and which runs stand behind it.

#include "cases/case.h"

namespace casefile::cases {

struct Told {
    std::string text;
    std::vector<std::string> evidence;  ///< run ids: those given with it, and those named in the text
    std::string state;
    json::value value;
};

/// Oldest first; at most one for keys of which only the newest counts. root_cause and impact come from the
/// case's own fields first; an entry with the same key then adds its evidence.
std::vector<Told> told(const CaseState& state, std::string_view key);

/// The findings that still stand, oldest first: the newest of each key, without withdrawn ones.
std::vector<Told> findings(const CaseState& state);

/// The hypotheses, each as it stands now: those with a rank first, the others in the order in which they were
/// written. Behind each are the runs that were given for its present state, or while it was open before that.
std::vector<Entry> hypotheses(const CaseState& state);
/// Those of them that were called supported or refuted, with no run behind them that shows data.
std::vector<Entry> bare_verdicts(const CaseState& state);
/// "h2 is supported without a run behind it …" where that hypothesis is one of them.
std::optional<std::string> warning_of_verdict(const CaseState& state, std::string_view key);
/// `value.rank`; the greatest number where there is none.
std::int64_t rank_of(const Entry& hypothesis);

/// The entries of a kind that still stand, the newest of each key, in the order in which they were first
/// written.
std::vector<Entry> newest_of(const CaseState& state, std::string_view kind);
/// nullptr when nothing was written under that key.
const Entry* newest_with_key(const CaseState& state, std::string_view key);
/// "from 14:00 to 15:00, Europe/Berlin" of the times as they were told; without an end, since when.
std::string window_text(const TimeWindow& window);
/// "order 4711, 4712; user 7": the ids of the case as people write them.
std::string ids_text(const CaseState& state);

/// A member of the entry's value as text; empty when it is not there.
std::string member_of(const Entry& entry, std::string_view name);

/// `given` and the runs of this case whose ids stand in `text`, each once.
std::vector<std::string> cited_runs(const CaseState& state, std::string_view text,
                                    const std::vector<std::string>& given);

/// Those of them that show data: a statement stands on these, and on no refusal.
std::vector<std::string> runs_with_data(const CaseState& state, const std::vector<std::string>& run_ids);
/// A sentence for each of the others: "run 4 was refused: it shows that it was asked, and no data".
std::vector<std::string> doubts_about(const CaseState& state, const std::vector<std::string>& run_ids);
/// "3, 4 (refused)": the numbers of the first `runs_max`, by which evidence arguments know them as well.
std::string run_numbers(const CaseState& state, const std::vector<std::string>& run_ids,
                        std::size_t runs_max = 100);

}  // namespace casefile::cases
