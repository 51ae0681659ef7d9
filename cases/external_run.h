#pragma once
// A finished run of another tool, in the layout of python-executor's MANIFEST_IO:
// <task>.<run_id>.manifest.json beside its script, input, log and outputs. It is filed as a run of the case
// whose source is external: the bytes are evidence, what the manifest says of them is a claim.

#include "cases/case.h"
#include "evidence/store.h"

namespace casefile::cases {

inline constexpr std::size_t external_files_max = 200;
inline constexpr std::uint64_t external_file_bytes_max = 256 * 1024 * 1024;
inline constexpr std::uint64_t external_bytes_max = 1024 * 1024 * 1024;

struct ExternalRun {
    evidence::Receipt receipt;
    std::string summary;
    std::vector<std::string> doubts;  ///< claims that do not hold, and files that were not taken
};

/// Copies what the manifest names and what carries its name out of `folder`, under names made here. Links,
/// pipes and devices are not opened, nothing outside of the folder is. `manifest` chooses among several;
/// empty where there is one. Errors: invalid_argument when no manifest can be read, limit_reached above the
/// limits; once the run is open, it is sealed whatever happens.
Result<ExternalRun> file_external_run(evidence::Store& store, const CaseState& state,
                                      const std::filesystem::path& folder, const std::string& manifest,
                                      const std::string& principal, const std::string& client);

}  // namespace casefile::cases
