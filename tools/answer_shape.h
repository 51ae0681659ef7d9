#pragma once
// How answers look: the text twin of a structured answer, refusals, and the `run` member.

#include "base/error.h"
#include "evidence/run.h"
#include "mcp/tool.h"
#include "tools/tool_spec.h"

namespace casefile::tools {

/// The same facts as `structured`, for clients that show text: "name: value" lines, and tables for arrays of
/// rows or of objects. Control and bidirectional characters are escaped.
std::string text_twin(const json::object& structured);

/// One value of a table of the text twin: printable, with its separators escaped.
void append_table_cell(std::string& out, std::string_view text);

/// A result with both channels.
mcp::ToolResult answered(json::object structured, std::optional<Rows> rows = {});

/// `error {kind, layer, message, hint}` with isError; `run` when the refusal was filed.
mcp::ToolResult refused(const Error& error, const evidence::Receipt* receipt);

/// `{id, seq, sha256, folder, files[]}`.
json::object run_member(const evidence::Receipt& receipt);

}  // namespace casefile::tools
