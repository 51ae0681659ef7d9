#include "tools/environment/joint_grants.h"

namespace casefile::tools {

Result<cases::GrantPtr> JointGrants::of(const std::string& key, const Give& give) {
    for (;;) {
        std::promise<Result<cases::GrantPtr>> own;
        Coming others;
        {
            const std::lock_guard lock(mutex_);
            const auto [place, first] = coming_.try_emplace(key);
            if (first)
                place->second = own.get_future().share();
            else
                others = place->second;
        }
        if (others.valid()) {
            const auto& given = others.get();
            if (given || given.error().kind != ErrorKind::cancelled) return given;
            continue;
        }
        const auto end = [&](Result<cases::GrantPtr> given) {
            const std::lock_guard lock(mutex_);
            coming_.erase(key);
            own.set_value(std::move(given));
        };
        try {
            auto given = give();
            end(given);
            return given;
        } catch (...) {
            end(internal("confirming by the operator's flag failed"));
            throw;
        }
    }
}

}  // namespace casefile::tools
