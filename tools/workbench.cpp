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

std::optional<json::object> SourceStates::lag_of(const sources::Endpoint& endpoint,
                                                 std::chrono::seconds age_max) const {
    const std::lock_guard lock(mutex_);
    const auto found = lags_.find(endpoint.variable);
    if (found == lags_.end() || std::chrono::steady_clock::now() - found->second.at > age_max)
        return std::nullopt;
    return found->second.told;
}

void SourceStates::note_lag(const sources::Endpoint& endpoint, json::object lag) {
    const std::lock_guard lock(mutex_);
    lags_[endpoint.variable] = {std::chrono::steady_clock::now(), std::move(lag)};
}

}  // namespace casefile::tools
