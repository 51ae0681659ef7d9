#pragma once
// Whether a grant's record still stands in the journal as this installation signed it.

#include "cases/case.h"

namespace casefile::cases {

/// Checked in full once; afterwards the same bytes in the same place prove it again, which costs a data call
/// next to nothing. Not shared between threads.
class GrantProof {
  public:
    /// False when the record is gone, altered, or not signed by `public_key`.
    bool holds(const std::filesystem::path& case_folder, const Grant& grant, const std::string& public_key);

  private:
    std::uint64_t offset_ = 0;
    std::string line_;  ///< empty until proved
};

}  // namespace casefile::cases
