#pragma once
// What the official conformance suite expects a server to have (@modelcontextprotocol/conformance, scenario
// sources under src/scenarios/server). Nothing here touches a store, and nothing of it is in the product.

#include "mcp/catalog.h"
#include "mcp/changes.h"

namespace casefile::conformance {

using Function = std::function<mcp::ToolOutcome(const json::object& arguments, mcp::CallContext& context)>;

/// A tool that is one function. `properties` of its input schema; nothing is required.
void add_tool(mcp::Catalog& catalog, const std::string& name, const std::string& description,
              json::object properties, Function function);
/// The same with a whole input schema.
void add_tool_with_schema(mcp::Catalog& catalog, const std::string& name, const std::string& description,
                          json::object input_schema, Function function);

mcp::ToolResult said(std::string text);

/// Waits, but no longer than the call lasts.
void pass_time(std::chrono::milliseconds time, const std::stop_token& stop);

/// A form with these fields for the human.
mcp::Question form(std::string key, std::string message, json::object properties);
/// The text of a field in the answer to `key`; empty when it was declined.
std::string answered(const mcp::CallContext& context, const std::string& key, const std::string& field);

void add_content_tools(mcp::Catalog& catalog);
void add_stream_tools(mcp::Catalog& catalog, const mcp::Changes& changes);
void add_question_tools(mcp::Catalog& catalog);
void add_round_trip_tools(mcp::Catalog& catalog);
void add_task_tools(mcp::Catalog& catalog);
void add_prompts(mcp::Catalog& catalog);
void add_resources(mcp::Catalog& catalog);

/// A picture of one pixel (PNG) and a sound without length (WAV), as Base64.
extern const char* const tiny_image;
extern const char* const tiny_sound;

}  // namespace casefile::conformance
