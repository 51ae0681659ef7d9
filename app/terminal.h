#pragma once
// Asking a human at a terminal. Answers count only when a terminal is really there: standard input and error
// both.

#include "mcp/tool.h"

namespace casefile::app {

bool human_is_at_the_terminal();

/// Puts the question of a form, field by field, and gives what was typed. End of input is a cancel.
mcp::HumanAnswer ask_at_terminal(const mcp::Question& question);

}  // namespace casefile::app
