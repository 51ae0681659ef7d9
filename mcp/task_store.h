#pragma once
// Tasks on disk, one file each: they outlive the process, so that a client can fetch an outcome after a
// restart.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/json.h"

namespace casefile::mcp {

/// Safe to use from any thread, and by several processes on one folder.
class TaskStore {
  public:
    explicit TaskStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// On stable storage when it returns. Replaces what was there.
    Result<void> save(const std::string& id, const json::object& task) const;
    std::optional<json::object> load(const std::string& id) const;
    void remove(const std::string& id) const;
    /// Removes the tasks of which `is_over` says so.
    void sweep(const std::function<bool(const json::object&)>& is_over) const;

  private:
    std::filesystem::path folder_;
};

}  // namespace casefile::mcp
