#pragma once
// Destroys outputs of old runs on record: the chain goes on to prove everything else, and that these files
// were there, how large they were, what their hashes were, and who destroyed them when.

#include "evidence/run_records.h"

namespace casefile::evidence {

struct PrunePlan {
    struct File {
        std::string run_id, folder, path;
        std::uint64_t bytes = 0;
        std::string sha256;
    };
    std::vector<File> files;        ///< to be destroyed
    std::vector<File> left_behind;  ///< told to be destroyed already, and still there: a crash came between
    std::uint64_t bytes = 0;        ///< of all of them
};

/// Outputs of runs that were sealed before `before`, RFC 3339 in UTC. Scripts, inputs, logs and manifests
/// stay.
Result<PrunePlan> plan_pruning(Journal& journal, const std::string& before);

/// First the records that name the files, then the bytes that the journal holds of them, then the files. What
/// an earlier attempt left behind goes too. Only for a case that verifies.
Result<void> prune(Journal& journal, const PrunePlan& plan, const std::string& by, const std::string& reason);

}  // namespace casefile::evidence
