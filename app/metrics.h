#pragma once
// What /metrics tells, in the text format of Prometheus: calls, errors and latency per tool, cases, evidence
// bytes.

#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "mcp/tool.h"

namespace casefile::app {

/// Safe to use from any thread.
class Metrics {
  public:
    /// The tool, with every call of it counted and timed.
    std::unique_ptr<mcp::Tool> counted(std::unique_ptr<mcp::Tool> tool);

    /// What a server knows besides.
    struct Gauges {
        std::size_t calls_in_flight = 0, connections = 0, sessions = 0;
    };
    std::string text(const Gauges& gauges, const std::filesystem::path& cases_folder, WallTime now);

  private:
    static constexpr std::array<double, 10> bounds{0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30};

    struct Series {
        std::map<std::string, std::uint64_t> outcomes;
        std::array<std::uint64_t, bounds.size() + 1>
            buckets{};  ///< not yet summed up; the last one is for the rest
        double seconds = 0;
    };
    class CountedTool;

    void note(const std::string& tool, const std::string& outcome, double seconds);
    /// What the home holds, at most a minute old.
    struct Measured {
        WallTime at{};
        std::uint64_t cases = 0, evidence_bytes = 0;
    };
    Measured measure(const std::filesystem::path& cases_folder, WallTime now);

    std::mutex mutex_;
    std::map<std::string, Series> tools_;  ///< guarded by mutex_, which every call that ends takes
    std::mutex measuring_;                 ///< held for as long as a large home takes to walk
    Measured measured_;                    ///< guarded by measuring_
};

}  // namespace casefile::app
