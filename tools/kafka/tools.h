#pragma once
// The tools that read Kafka.

#include "tools/tool_spec.h"

namespace casefile::tools::kafka {

/// Waits; false when the call was stopped first.
using Pause = std::function<bool(std::chrono::seconds, std::stop_token)>;
bool pause(std::chrono::seconds length, std::stop_token stop);

/// Tells the time between two reads.
using Stopwatch = std::function<std::chrono::steady_clock::time_point()>;

/// `between_samples` waits between the two samples, `now` measures how far apart they came.
GuardedTool lag_tool(Workbench& bench, Pause between_samples = pause,
                     Stopwatch now = std::chrono::steady_clock::now);
GuardedTool read_tool(Workbench& bench);

}  // namespace casefile::tools::kafka
