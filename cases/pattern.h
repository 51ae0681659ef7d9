#pragma once
// What a case teaches: the signature of its error, what was behind it and what helped.

#include "cases/case.h"

namespace casefile::cases {

/// An entry of kind and key "pattern", with {signature, cause, fix} in its value: from the record, but for
/// what is told here. Without a cause there is none.
std::optional<Entry> pattern_of(const CaseState& state, const std::optional<std::string>& cause = {},
                                const std::optional<std::string>& fix = {});

}  // namespace casefile::cases
