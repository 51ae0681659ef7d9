#pragma once
// A case out of an archive that somebody sent. Until it is read to its end and its chain holds, nothing is
// written; what is written then is verified once more before it gets its name.

#include "evidence/store.h"

namespace casefile::cases {

struct Imported {
    std::string id;  ///< "INC-2026-11-22-001@1a2b3c4d"
    std::string key_fingerprint, head;
    std::uint64_t records = 0, runs = 0;
    std::vector<std::string> withheld;
    std::uint64_t records_before = 0;  ///< of the version that it took the place of; 0 when there was none
    bool was_here = false;             ///< this very state had been imported before: nothing was done
};

/// Files the case under <home>/imported/<key fingerprint>/<case>. A later state of a case that is there takes
/// its place; an earlier or another one is refused. `expected_key` is a fingerprint that the reader trusts,
/// or empty. Errors: `invalid_argument` says what is wrong with the archive, `limit_reached` what is too much
/// of it.
Result<Imported> import_case(evidence::Store& store, const std::filesystem::path& archive,
                             const std::string& expected_key);

}  // namespace casefile::cases
