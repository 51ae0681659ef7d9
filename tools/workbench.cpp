#include "tools/workbench.h"

namespace casefile::tools {

void SourceStates::note(const sources::Endpoint& endpoint, std::string state) {
    const std::lock_guard lock(mutex_);
    states_[endpoint.variable] = std::move(state);
}

std::string SourceStates::of(const sources::Endpoint& endpoint) const {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(endpoint.variable);
    return found == states_.end() ? "not contacted yet" : found->second;
}

}  // namespace casefile::tools
