#pragma once
// The flat forms of elicitation, as revision 2026-07-28 restricts JSON Schema (client/elicitation).

#include "base/json.h"

namespace casefile::mcp {

/// True when `content` is what the form asks for: required fields are there, and each field has the type,
/// choice, length and range that it declares. A client may send anything; fields that the form does not have
/// are let pass and ignored.
bool fills_in(const json::object& form, const json::object& content);

}  // namespace casefile::mcp
