#pragma once
// Views: what stands behind their names has to be as harmless, and as unmasked, as what a statement says
// itself.

#include "policy/sql_masks.h"

namespace casefile::policy {

/// Why a view may not be read: its definition does what judge_sql() refuses to send, such as taking a lock,
/// or calls a stored function. Empty: it may.
std::string why_view_is_not_read(std::string_view schema, std::string_view definition);

/// Why a view may not be read: its definition names a masked column of `known`, its tables. Empty: it may.
std::string why_view_reaches(std::string_view definition, const std::vector<KnownTable>& known);

}  // namespace casefile::policy
