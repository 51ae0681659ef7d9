#include "tools/environment/joint_grants.h"

#include "sources/source.h"

namespace casefile::tools {

Result<cases::GrantPtr> JointGrants::of(const std::string& key, const std::stop_token& stop,
                                        const Give& give) {
    const auto own = std::make_shared<Look>();
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            const auto [place, first] = looks_.try_emplace(key, own);
            if (first) break;
            const auto other = place->second;
            if (!ended_.wait(lock, stop, [&] { return other->came.has_value(); }))
                return sources::cancelled_error();
            const auto& came = *other->came;
            if (came || came.error().kind != ErrorKind::cancelled) return came;
        }
    }
    const auto end = [&](Result<cases::GrantPtr> came) {
        const std::lock_guard lock(mutex_);
        looks_.erase(key);
        own->came = std::move(came);
        ended_.notify_all();
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

}  // namespace casefile::tools
