#pragma once
// Asking a human at a terminal. Answers count only when a terminal is really there: standard input and error
// both.

#include "mcp/tool.h"

namespace casefile::app {

bool human_is_at_the_terminal();

/// Where a human's word is given, for the record: `terminal`, when standard input is one, and `processes`,
/// such as "casefile 812", this one first and then those that started it, by their names alone.
json::object witness();

/// Puts the question of a form, field by field, and gives what was typed. End of input is a cancel.
mcp::HumanAnswer ask_at_terminal(const mcp::Question& question);

/// Calls the tool, and once more with the human's answers when it asks and a human is at the terminal.
/// Progress goes to standard error.
mcp::ToolOutcome call_at_terminal(const mcp::Tool& tool, const json::object& arguments,
                                  mcp::CallContext& context);

}  // namespace casefile::app
