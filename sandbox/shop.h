#pragma once
// The running shop: three servers in one folder, filled with a planted incident.

#include <functional>

#include "sandbox/plan.h"
#include "sandbox/servers.h"
#include "sandbox/state.h"

namespace casefile::sandbox {

struct ShopOptions {
    std::filesystem::path folder;  ///< private and empty
    std::uint64_t seed = 0;
    std::filesystem::path program;  ///< casefile-sandbox itself, which also runs the Kafka cluster
    /// Told of each step before it begins; an error ends the start.
    std::function<Result<void>(const std::string& step)> on_step;
};

/// Destroying it ends its processes, unless they were released.
class Shop {
  public:
    /// Starts and plants everything. Its state is saved after each step, so that a start that was cut off
    /// leaves a record of what to end.
    static Result<Shop> start(const ShopOptions& options);

    const State& state() const { return state_; }
    const Plan& plan() const { return plan_; }
    void release();

  private:
    Result<void> start_servers(const ShopOptions& options);
    Result<void> start_kafka(const ShopOptions& options);
    Result<void> write_files(const ShopOptions& options);

    Plan plan_;
    State state_;
    MariadbServer mariadb_;
    RedisServer redis_;
    ServerProcess kafka_;
};

/// The Kafka cluster of a shop: plants its part, writes the brokers' address to `ready_file`, and waits for
/// SIGTERM.
Result<void> run_kafka(std::uint64_t seed, WallTime planted_at, const std::filesystem::path& ready_file);

}  // namespace casefile::sandbox
