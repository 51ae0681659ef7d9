#pragma once
// Asks what a run asked once more, under today's policy and grant, and files what changed since.

#include "mcp/catalog.h"
#include "tools/workbench.h"

namespace casefile::tools::evidence_record {

/// Calls a tool and goes on until it has an answer: works off what takes long, and asks the human where there
/// is one.
using CallTool = std::function<mcp::ToolOutcome(const mcp::Tool&, const json::object& arguments)>;

struct Replayed {
    bool same = false;  ///< every output is what it was, but for when it was read
    json::object difference;
    std::string text;  ///< for a terminal
};

/// `run` is a run id or a sequence number. The question itself is filed like any call of its tool; the
/// difference is a run of its own, with the task replay-<task> and the output diff.replay-<task>.json.
/// Errors: `not_found`, `invalid_argument` for a run that cannot be asked again, and whatever refused the
/// question now.
Result<Replayed> replay(Workbench& bench, const mcp::Catalog& catalog, const std::string& case_id,
                        const std::string& run, mcp::CallContext& context, const CallTool& call);

}  // namespace casefile::tools::evidence_record
