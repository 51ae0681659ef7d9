#pragma once
// News for clients that listen: something on offer changed. Anyone may publish; the server passes it on.

#include <functional>
#include <mutex>
#include <string>

#include "base/json.h"

namespace casefile::mcp {

struct Change {
    enum class Of { tools, prompts, resources, resource, task } of = Of::resources;
    std::string uri = {};        ///< of the resource, or the task's id
    std::string principal = {};  ///< who may hear of it; empty: everyone
    json::object task = {};      ///< the task as it is now
};

/// Principal and id of a task: to any other principal it does not exist.
using TaskName = std::pair<std::string, std::string>;

/// Safe to use from any thread. At most one server listens.
class Changes {
  public:
    void publish(const Change& change) const {
        const std::lock_guard lock(mutex_);
        if (hear_) hear_(change);
    }
    /// With an empty function, and no call to it is under way when this returns.
    void listen(std::function<void(const Change&)> hear) {
        const std::lock_guard lock(mutex_);
        hear_ = std::move(hear);
    }

  private:
    mutable std::mutex mutex_;
    std::function<void(const Change&)> hear_;
};

}  // namespace casefile::mcp
