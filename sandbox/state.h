#pragma once
// What is known of a running sandbox: written to <folder>/state.json while it starts, read by env and down.

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/json.h"

namespace casefile::sandbox {

struct ProcessRecord {
    std::int64_t pid = 0;
    std::int64_t start_time = 0;  ///< in the kernel's ticks since boot: process ids are used again
    std::int64_t port = 0;        ///< 0: see the variables
};

struct State {
    std::int64_t seed = 0;
    std::string started_at;
    bool complete = false;  ///< false while it starts, or when the start was cut off
    std::map<std::string, ProcessRecord> processes;
    json::object passwords;
    json::object variables;  ///< MYSQL_SANDBOX_URL and the others
    std::string config, env_file, planted;
};

Result<void> save_state(const std::filesystem::path& folder, const State& state);
/// Nothing when the folder holds no state.
Result<std::optional<State>> load_state(const std::filesystem::path& folder);

/// Names the processes of a state that have ended.
std::vector<std::string> ended_processes(const State& state);
/// Ends those that still are the recorded ones, and no others.
void end_processes(const State& state);

ProcessRecord record_process(pid_t pid, std::uint16_t port);

/// The three lines for a shell.
std::string export_lines(const State& state);
/// What an MCP client needs in its configuration to start `casefile` on this sandbox.
std::string client_snippet(const State& state, const std::filesystem::path& casefile);

}  // namespace casefile::sandbox
