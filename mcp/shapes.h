#pragma once
// Results as each revision wants them on the wire.

#include "mcp/catalog.h"
#include "mcp/question.h"
#include "mcp/revision.h"
#include "mcp/server.h"

namespace casefile::mcp {

/// How long a client may keep a list: they change only when casefile is restarted or upgraded.
inline constexpr std::int64_t list_time_ms = 300'000;

json::object discover_result(const ServerInfo& info, const Catalog& catalog, const ServerOptions& options);
json::object initialize_result(const ServerInfo& info, const Catalog& catalog, const Revision& revision);

json::object tool_entry(const ToolInfo& info, const Revision& revision);
json::object prompt_entry(const Prompt& prompt, const Revision& revision);
json::object resource_entry(const Resource& resource, const Revision& revision);
json::object template_entry(const ResourceTemplate& resource_template, const Revision& revision);

json::object prompt_result(const Prompt& prompt, const std::string& text);
json::object contents_result(const std::vector<ResourceContent>& contents);
/// An error as something else than an answer carries it.
json::object error_json(const RpcError& error);
MethodResult call_result(ToolResult result, const Revision& revision);
/// Takes the end off an object that append_compact() wrote last, so that further members can follow.
void reopen_object(std::string& text);
/// The result as one tree, for what keeps it.
json::object whole(MethodResult result);
/// Without a state where the answers stand alone.
json::object input_required_result(const OpenQuestions& questions, const Revision& revision,
                                   const std::optional<std::string>& request_state);

/// Adds what every result of a modern revision carries: its type, and who answered.
MethodResult finished(MethodResult result, const ServerInfo& info, const Revision& revision);

/// Adds what tells a client of a modern revision how long it may keep the result.
json::object keepable(json::object result, const Revision& revision);
/// The same for what may change at any time.
json::object changing(json::object result, const Revision& revision);

}  // namespace casefile::mcp
