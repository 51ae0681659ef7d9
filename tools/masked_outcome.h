#pragma once
// Whatever a tool has to say, once more through the masks, by shape: what it knows of a value it has told
// them itself.

#include "tools/tool_spec.h"

namespace casefile::tools {

using Came = Result<std::variant<Finished, mcp::NeedsInput>>;

/// Errors, the structured answer, the summary; and questions to a human without markup that only data, such
/// as the name of a server, could have written into them.
Came masked(Came came, const Masks& masks);

/// Version and role may move without a human's word; an answer that comes from such a server says so.
Came with_moved(Came came, const std::set<std::string>& moved);

}  // namespace casefile::tools
