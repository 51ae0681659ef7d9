#pragma once
// The tools that read Kafka.

#include "tools/tool_spec.h"

namespace casefile::tools::kafka {

/// Waits; false when the call was stopped first.
using Pause = std::function<bool(std::chrono::seconds, std::stop_token)>;
bool pause(std::chrono::seconds length, std::stop_token stop);

/// `between_samples` waits between the two samples.
GuardedTool lag_tool(Workbench& bench, Pause between_samples = pause);
GuardedTool read_tool(Workbench& bench);

}  // namespace casefile::tools::kafka
