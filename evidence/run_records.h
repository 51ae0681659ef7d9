#pragma once
// The runs of a case as its journal tells them.

#include <map>
#include <set>

#include "evidence/run.h"

namespace casefile::evidence {

/// Names are checked: none of them leads out of the run's folder.
struct RunRecords {
    std::string run_id, tool, task;
    std::uint64_t seq = 0;
    std::string folder_name;       ///< within runs/
    std::string where;             ///< the opening record: "chain.jsonl line 7"
    std::vector<FileEntry> asked;  ///< script and input, by the opening record; their size is not known there
    bool sealed = false;
    std::string sealed_at;
    bool interrupted = false;                   ///< a later start found that it will never be sealed
    std::vector<FileEntry> files;               ///< by the sealing record, with script, input and manifest
    std::map<std::string, std::string> pruned;  ///< outputs that were destroyed, and what is told of it

    const FileEntry* file(std::string_view name) const;
};

std::string manifest_name(std::string_view task);
std::string input_name(std::string_view task);

PrunedFiles files_pruned_by(const Record& record);

/// Runs in sequence. Only the holder of the key can write records that contradict one another; the error's
/// message then begins with the place.
Result<std::vector<RunRecords>> runs_of(const std::vector<Record>& records);

/// The same of a journal, one record after the other: its records need not fit in memory. `internal` where
/// they contradict one another.
Result<std::vector<RunRecords>> runs_of(Journal& journal);

/// One run of a journal, if it has it, and those that are neither sealed nor known as interrupted, in
/// sequence. A case may have tens of thousands of runs: nothing is kept of the others, and where those
/// contradict one another it goes unseen.
Result<std::optional<RunRecords>> run_of(Journal& journal, const std::string& run_id);
Result<std::vector<RunRecords>> open_runs_of(Journal& journal);

}  // namespace casefile::evidence
