#pragma once
// What tools work with. Built once in app, constant afterwards but for the locks inside.

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "cases/casebook.h"
#include "policy/gate.h"
#include "sources/directory.h"
#include "tools/environment/joint_grants.h"
#include "tools/known_tables.h"
#include "tools/masking.h"
#include "tools/recent_rows.h"

namespace casefile::tools {

/// A variable that looks like one of ours and could not be used. Never holds the value.
struct Problem {
    std::string variable, reason;
};

/// The last known state of each source: "not contacted yet", "answered at …", "failed at …: reason".
class SourceStates {
  public:
    void note(const sources::Endpoint& endpoint, std::string state);
    std::string of(const sources::Endpoint& endpoint) const;

    /// How far a replica was behind when it was asked last; nothing when that is longer ago than `age_max`.
    std::optional<json::object> lag_of(const sources::Endpoint& endpoint, std::chrono::seconds age_max) const;
    void note_lag(const sources::Endpoint& endpoint, json::object lag);

  private:
    struct Lag {
        std::chrono::steady_clock::time_point at;
        json::object told;
    };
    mutable std::mutex mutex_;
    std::map<std::string, std::string> states_;  ///< by variable
    std::map<std::string, Lag> lags_;            ///< by variable
};

/// Environments that the operator confirmed in advance with --confirm, until the process is eight hours old.
struct OperatorConfirmation {
    std::set<std::string> environments;
    WallTime begins_at, ends_at;
    std::shared_ptr<JointGrants> joint = std::make_shared<JointGrants>();
};

namespace mysql {
class CheapPlans;
}

struct Workbench {
    const sources::Directory& sources;
    cases::Casebook& cases;
    const policy::Rules& rules;
    const Limits& limits;
    const Clock& clock;
    std::vector<Problem> problems;
    std::chrono::hours grant_lasts{8};
    OperatorConfirmation by_operator;
    std::string confirm_options;  ///< what `casefile confirm` needs to see the same: " --env-file F --home H"
    SourceStates& states;
    mysql::CheapPlans& cheap_plans;
    /// This process for the record of a grant: `terminal`, where it has one, and `processes`, itself first
    /// and then those that started it.
    json::object witness = {};
    const Masks& masks;  ///< what answers, files and logs hide
    std::shared_ptr<KnownTables> known_tables = std::make_shared<KnownTables>();
    std::shared_ptr<RecentRows> recent_rows = std::make_shared<RecentRows>();
    std::filesystem::path pages_folder = {};  ///< where export_page may write; empty: nowhere
};

}  // namespace casefile::tools
