#pragma once
// completion/complete, as the client asks it.

#include "mcp/catalog.h"
#include "mcp/completion.h"
#include "mcp/params.h"

namespace casefile::mcp {

/// What is refused names the member; a prompt or a template that the catalog lacks is refused too, and so is
/// an argument that these do not have.
Answer<CompletionRequest> read_completion(const json::object& params, const Catalog& catalog);

}  // namespace casefile::mcp
