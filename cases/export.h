#pragma once
// A case as one archive that somebody else can open, read and verify. The same state of a case gives the same
// bytes.

#include "cases/case.h"
#include "evidence/files.h"
#include "evidence/store.h"

namespace casefile::cases {

struct Exported {
    evidence::Digest digest;  ///< of the archive
    std::size_t files = 0;
    std::vector<std::string> withheld;  ///< sensitive files that stay out, by path within the case
    std::vector<std::string> left_out;  ///< drafts whose names or sizes no archive should carry
    std::string head, key_fingerprint;
    std::uint64_t records = 0;
};

/// Writes the archive to `output`, which must not be there yet. Without `with_sensitive`, files that their
/// manifests mark as sensitive stay out, and so do scripts and inputs of runs that were never sealed: nobody
/// has marked them. Their bytes are taken out of the journal too, where it holds them; hashes stay. A case
/// that does not verify is not exported: `invalid_argument` names the break. An imported case is packed as it
/// came.
Result<Exported> export_case(evidence::Store& store, const std::string& case_id,
                             const std::filesystem::path& output, bool with_sensitive);

}  // namespace casefile::cases
