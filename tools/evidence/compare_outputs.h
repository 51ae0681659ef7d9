#pragma once
// What differs between an output of then and the one of now: bytes first, then rows or values, bounded.

#include <string>

#include "base/error.h"
#include "base/json.h"

namespace casefile::tools::evidence_record {

/// An output as its run's seal tells of it, and open for reading; -1 when it was destroyed.
struct OutputOf {
    int file = -1;
    std::uint64_t bytes = 0;
    std::string sha256;
};

inline constexpr const char* times_only = "times_only";

/// {file, verdict, …}: `identical`; `changed`, with for a CSV {columns_then, columns_now} where they differ,
/// or {rows_same, rows_only_then, rows_only_now, only_then[], only_now[]}, which does not look at the order
/// of rows, and `reordered` when nothing else differs; for JSON {times_differ, values_differ, differences[]
/// {path, then, now}}, with the verdict `times_only` when nothing differs but when it was read. Of what
/// cannot be compared so, sizes and hashes alone are told, and why in `note`.
Result<json::object> compare_outputs(const std::string& name, const OutputOf& then, const OutputOf& now);

}  // namespace casefile::tools::evidence_record
