#pragma once
// Messages to people outside the investigation: for whom, and when.

#include "cases/write_up.h"

namespace casefile::cases {

/// `audience` internal, customer or partner; `moment` first, update or resolved. Only internal ones name
/// anything of the inside; the runs behind the facts stand below, for the person who sends it.
Draft communication(const CaseState& state, const std::string& audience, const std::string& moment,
                    const std::string& key_fingerprint);

}  // namespace casefile::cases
