#include "tools/mysql/cheap_plans.h"

namespace casefile::tools::mysql {

std::optional<json::object> CheapPlans::find(const std::string& variable, const std::string& sql,
                                             WallTime now) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find({variable, sql});
    // A clock that was set back makes a plan no younger.
    if (found == known_.end() || now < found->second.at || now >= found->second.at + kept)
        return std::nullopt;
    return found->second.plan;
}

void CheapPlans::note(const std::string& variable, const std::string& sql, json::object plan, WallTime now) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= statements_max) known_.clear();
    known_.insert_or_assign({variable, sql}, Known{std::move(plan), now});
}

}  // namespace casefile::tools::mysql
