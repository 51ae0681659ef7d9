#pragma once

namespace casefile::app {

/// Set by the build from CMake's project version.
inline constexpr const char* version = CASEFILE_VERSION;

}  // namespace casefile::app
