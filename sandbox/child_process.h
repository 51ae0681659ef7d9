#pragma once
// Starting and ending child processes, the same way for every server of the sandbox.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace casefile::sandbox {

struct ChildCommand {
    std::vector<std::string>
        arguments;                 ///< arguments[0] is the program, looked up in PATH and the sbin folders
    std::filesystem::path folder;  ///< its working folder
    std::filesystem::path log;     ///< takes its standard output and standard error
};

/// Starts a process in a session of its own, so that it neither hears the caller's terminal nor holds its
/// descriptors.
Result<pid_t> start_child(const ChildCommand& command);

/// Starts one that ends by itself and waits for it; the error holds the last lines of its log.
Result<void> run_child(const ChildCommand& command);

/// When the process started, in the kernel's ticks since boot: with the id it names one process for good.
/// Nothing when no such process runs; one that has ended and waits to be reaped counts as ended.
std::optional<std::int64_t> start_time_of(pid_t pid);

/// True once the process has ended; a child is then also reaped.
bool has_ended(pid_t pid);

/// SIGTERM, then SIGKILL after ten seconds; returns when it has ended, or after ten more when even that does
/// not help.
void end_process(pid_t pid);

/// The last lines of a log, for an error message; empty when it cannot be read.
std::string log_tail(const std::filesystem::path& log, std::size_t lines_max = 40);

/// A folder that only its owner may enter; made when it is not there.
Result<void> make_private_folder(const std::filesystem::path& folder);

}  // namespace casefile::sandbox
