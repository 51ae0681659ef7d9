#pragma once
// The log of the process: one line a message, with its time and level, on standard error. Safe from any
// thread.

#include <string_view>

namespace casefile {

/// What is less than this is left out: "debug", "info", which is the default, "warning" or "error".
void set_log_level(std::string_view least);

/// A message has no line breaks; text from outside goes through printable() first.
void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);

}  // namespace casefile
