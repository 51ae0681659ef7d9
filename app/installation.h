#pragma once
// Everything a command works with, built once from options, configuration and variables. Opens no connection.

#include <filesystem>
#include <memory>

#include "app/environments.h"
#include "app/metrics.h"
#include "app/options.h"
#include "base/late_secret.h"
#include "evidence/store.h"
#include "mcp/catalog.h"
#include "mcp/server.h"
#include "tools/mysql/cheap_plans.h"
#include "tools/workbench.h"

namespace casefile::app {

/// "local:<uid>": who asks on stdio and at the command line.
std::string local_principal();
mcp::ServerInfo server_info();

class Installation {
  public:
    static Result<std::unique_ptr<Installation>> build(const Options& options);
    ~Installation();

    const Config& config() const { return config_; }
    const Environments& environments() const { return environments_; }
    const sources::Directory& directory() const { return directory_; }
    tools::Workbench& bench() { return *bench_; }
    const mcp::Catalog& catalog() const { return catalog_; }
    /// How the tools of the catalog were used in this process.
    Metrics& metrics() { return metrics_; }
    /// News of cases, for clients that listen.
    mcp::Changes& changes() { return changes_; }
    /// Seals requestState: derived from the installation's key.
    LateSecret state_key() const;

  private:
    Installation() = default;
    Result<std::vector<mcp::Prompt>> read_prompts();
    /// Derived from the installation's key, one for each purpose.
    LateSecret key_for(std::string purpose) const;

    Config config_;
    Environments environments_;
    SystemClock clock_;
    policy::Rules rules_;
    sources::Directory directory_;
    mcp::Changes changes_;  ///< before the casebook, which tells it what grows
    std::unique_ptr<evidence::Store> store_;
    std::unique_ptr<cases::Casebook> casebook_;
    tools::SourceStates states_;
    tools::mysql::CheapPlans cheap_plans_;
    std::unique_ptr<tools::Masks> masks_;
    std::unique_ptr<tools::Workbench> bench_;
    Metrics metrics_;
    mcp::Catalog catalog_;
};

}  // namespace casefile::app
