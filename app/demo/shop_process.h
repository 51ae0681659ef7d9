#pragma once
// The sandbox's shop as a child of the demo: it stands while this object does.

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/json.h"

namespace casefile::app {

class ShopProcess {
  public:
    /// Starts `casefile-sandbox demo-servers --seed N` and waits until it has planted everything.
    static Result<std::unique_ptr<ShopProcess>> start(std::uint32_t seed);
    /// Closes its input, on which it stops its servers and removes their folder, and waits for it.
    ~ShopProcess();
    ShopProcess(const ShopProcess&) = delete;
    ShopProcess& operator=(const ShopProcess&) = delete;

    const std::map<std::string, std::string>& variables() const { return variables_; }
    const std::string& config() const { return config_; }
    /// What the person who noticed said, as arguments of open_case.
    const json::object& complaint() const { return complaint_; }

  private:
    ShopProcess() = default;
    Result<void> read_announcement(int descriptor);

    pid_t pid_ = -1;
    int input_ = -1;
    std::map<std::string, std::string> variables_;
    std::string config_;
    json::object complaint_;
};

}  // namespace casefile::app
