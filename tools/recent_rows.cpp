#include "tools/recent_rows.h"

namespace casefile::tools {

void RecentRows::keep(const std::string& case_id, const std::string& env, QueriedRows rows) {
    auto kept = std::make_shared<const QueriedRows>(std::move(rows));
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= cases_max && !kept_.contains({case_id, env})) kept_.clear();
    kept_[{case_id, env}] = std::move(kept);
}

std::shared_ptr<const QueriedRows> RecentRows::find(const std::string& case_id,
                                                    const std::string& env) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find({case_id, env});
    return found == kept_.end() ? nullptr : found->second;
}

}  // namespace casefile::tools
