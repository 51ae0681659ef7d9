#pragma once

#include <filesystem>

namespace casefile::app {

/// The folder of this executable, where casefile-sandbox stands too.
inline std::filesystem::path program_folder() {
    std::error_code failure;
    return std::filesystem::read_symlink("/proc/self/exe", failure).parent_path();
}

}  // namespace casefile::app
