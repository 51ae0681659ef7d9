// What a call's work is told, and what becomes of one that fails inside.

#include "mcp/calls.h"
#include "mcp/refusals.h"

namespace casefile::mcp {

CallContext context_for(const std::string& principal, const Peer& peer) {
    CallContext context;
    context.principal = principal;
    context.client = peer.client;
    context.client_can = peer.can;
    return context;
}

Outcome run_guarded(const Work& work, CallContext& context) {
    return guarded([&] { return work.run(context); },
                   [&](std::string_view cause) -> Outcome { return failed_inside(work.subject, cause); });
}

}  // namespace casefile::mcp
