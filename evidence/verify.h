#pragma once
// Proves or disproves one case folder offline: from the files alone, without the index, the key or a source.

#include <functional>
#include <optional>

#include "evidence/journal.h"

namespace casefile::evidence {

/// The first thing that does not agree.
struct Break {
    std::string kind;   ///< "record altered", "file missing" …: docs/evidence-format.md lists them
    std::string where;  ///< "chain.jsonl line 7", "runs/0003-…/db_rows.prices.csv"
    std::string what;   ///< expected and got
};

/// A record of kind closed: the Merkle root over the hashes of the `count` records before it.
struct Closing {
    std::uint64_t record = 0, count = 0;
    std::string root;
};

struct Verification {
    bool ok = false;
    std::uint64_t records = 0, runs = 0, files = 0, bytes = 0;
    Head head;
    std::vector<std::string> open_runs;    ///< opened and never sealed: interrupted or still going on
    std::vector<std::string> interrupted;  ///< those of them of which the journal tells that nobody goes on
    std::vector<std::string> pruned;       ///< outputs that were destroyed, when, by whom and why
    std::optional<Closing> closed;         ///< the last closing record
    std::uint64_t anchored = 0;            ///< the newest record that the anchor file tells of
    std::vector<std::string> withheld;     ///< files that the exporter left out: their hashes are here
    std::optional<Break> first_break;
    std::vector<std::string>
        not_proved;  ///< in plain words, for example that a cut tail cannot be seen without an anchor
};

/// `expected_key` is a fingerprint that the reader trusts; empty: self-consistent, signer not established.
/// `check_derived` compares files that are rebuilt from the journal (case.json, the inspect log); given by
/// `cases`.
using CheckDerived = std::function<std::optional<Break>(const std::filesystem::path& folder,
                                                        const std::vector<Record>& records,
                                                        std::vector<std::string>* not_proved)>;
/// `anchors` is an anchor file (evidence/anchors.h); without one a cut tail cannot be seen when head.json was
/// cut with it.
Result<Verification> verify_case(const std::filesystem::path& folder, const std::string& expected_key,
                                 const CheckDerived& check_derived,
                                 const std::filesystem::path& anchors = {});

}  // namespace casefile::evidence
