#pragma once
// What counts as this machine itself.

#include <string_view>

namespace casefile {

/// True for 127.0.0.0/8, ::1 and localhost. `host` has no brackets; no name is looked up.
bool is_loopback(std::string_view host);

}  // namespace casefile
