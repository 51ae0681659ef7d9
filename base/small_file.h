#pragma once
// Small files: casefile's own notes, and what a person names at the command line. Read whole within a limit,
// replaced in one step.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace casefile {

/// The whole of a regular file; links are followed. not_found where there is none, invalid_argument for a
/// folder, a pipe and the like, limit_reached above `bytes_max`. The message names the file.
Result<std::string> read_small_file(const std::filesystem::path& file, std::uint64_t bytes_max);

/// Puts `text` in the place of `file` by way of another name beside it, <file>.<random>.new: whoever reads or
/// writes it meanwhile, in other processes too, meets the old bytes or the new ones. Mode 0600, in a folder
/// of mode 0700, which is made where there is none. `durable`: on stable storage when it returns.
Result<void> replace_small_file(const std::filesystem::path& file, std::string_view text, bool durable);

}  // namespace casefile
