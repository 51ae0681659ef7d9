#pragma once
// Of calls that need the operator's word for the same environment at once, one looks who is there and files
// the grant; the others wait for it. An assistant begins with several calls at a time.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "cases/case.h"

namespace casefile::tools {

/// Safe to use from any thread.
class JointGrants {
  public:
    using Give = std::function<Result<cases::GrantPtr>()>;

    /// What `give` gives, or another call's for the same `key` that was at it already. What that call failed
    /// with counts here too, unless it was merely cancelled. `cancelled` when `stop` ends the wait.
    Result<cases::GrantPtr> of(const std::string& key, const std::stop_token& stop, const Give& give);

  private:
    struct Look {
        std::optional<Result<cases::GrantPtr>> came;  ///< what of it; nothing yet
    };

    std::mutex mutex_;
    std::condition_variable_any ended_;
    std::map<std::string, std::shared_ptr<Look>> looks_;  ///< that go on
};

}  // namespace casefile::tools
