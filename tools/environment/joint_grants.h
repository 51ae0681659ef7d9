#pragma once
// Of calls that need the operator's word for the same environment at once, one looks who is there and files
// the grant; the others wait for it. An assistant begins with several calls at a time.

#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>

#include "cases/case.h"

namespace casefile::tools {

/// Safe to use from any thread.
class JointGrants {
  public:
    using Give = std::function<Result<cases::GrantPtr>()>;

    /// What `give` gives, or another call's for the same `key` that was at it already. What that call failed
    /// with counts here too, unless it was merely cancelled.
    Result<cases::GrantPtr> of(const std::string& key, const Give& give);

  private:
    using Coming = std::shared_future<Result<cases::GrantPtr>>;

    std::mutex mutex_;
    std::map<std::string, Coming> coming_;
};

}  // namespace casefile::tools
