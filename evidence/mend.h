#pragma once
// A run's small files are written without waiting for the disk, because the journal holds their bytes. A
// power failure may take them; then they are made again from the journal. <home>/unsettled/<case> tells which
// runs that may concern, so that nothing else is ever written again: a file that somebody removed stays
// missing.

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "base/error.h"

namespace casefile::evidence {

/// Notes durably that runs of the case after the first `runs` may be lost by a failure of this boot. What an
/// earlier call noted in this boot stays.
Result<void> mark_unsettled(const std::filesystem::path& home, const std::string& case_id,
                            std::uint64_t runs);

/// Makes files again in the cases that were noted in an earlier boot: those that are missing, and those of
/// which the disk kept a part. Any other difference is left to verify. Gives the cases that were mended. An
/// error only when the notes cannot be read.
Result<std::set<std::string>> mend_after_power_failure(const std::filesystem::path& home);

}  // namespace casefile::evidence
