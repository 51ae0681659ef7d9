#include "mcp/shapes.h"

namespace casefile::mcp {
namespace {

json::object implementation(const ServerInfo& info, const Revision& revision) {
    json::object out{{"name", info.name}};
    if (revision.titles) out["title"] = info.title;
    out["version"] = info.version;
    return out;
}

/// Both are always there, empty or not, and neither changes while casefile runs.
json::object capabilities() { return {{"tools", json::object()}, {"prompts", json::object()}}; }

json::object annotations(const ToolInfo& info, const Revision& revision) {
    json::object out;
    if (!revision.titles) out["title"] = info.title;
    out["readOnlyHint"] = info.read_only;
    out["destructiveHint"] = false;
    out["openWorldHint"] = false;
    return out;
}

json::object tool_entry(const ToolInfo& info, const Revision& revision) {
    json::object out{{"name", info.name}};
    if (revision.titles) out["title"] = info.title;
    out["description"] = info.description;
    out["inputSchema"] = info.input_schema;
    if (revision.structured_content && !info.output_schema.empty()) out["outputSchema"] = info.output_schema;
    if (revision.annotations) out["annotations"] = annotations(info, revision);
    return out;
}

json::object prompt_entry(const Prompt& prompt, const Revision& revision) {
    json::object out{{"name", prompt.name}};
    if (revision.titles) out["title"] = prompt.title;
    out["description"] = prompt.description;
    json::array arguments;
    for (const auto& argument : prompt.arguments) {
        json::object one{{"name", argument.name}};
        if (!argument.description.empty()) one["description"] = argument.description;
        if (argument.required) one["required"] = true;
        arguments.push_back(std::move(one));
    }
    if (!arguments.empty()) out["arguments"] = std::move(arguments);
    return out;
}

json::object text_content(std::string_view text) { return {{"type", "text"}, {"text", text}}; }

}  // namespace

json::object discover_result(const ServerInfo& info) {
    // Only what can be put into _meta: the handshake revisions are for those who come with initialize.
    json::array supported;
    for (const auto& revision : revisions())
        if (revision.modern) supported.emplace_back(revision.name);
    json::object out{{"supportedVersions", std::move(supported)}, {"capabilities", capabilities()}};
    if (!info.instructions.empty()) out["instructions"] = info.instructions;
    return out;
}

json::object initialize_result(const ServerInfo& info, const Revision& revision) {
    json::object out{{"protocolVersion", revision.name},
                     {"capabilities", capabilities()},
                     {"serverInfo", implementation(info, revision)}};
    if (!info.instructions.empty()) out["instructions"] = info.instructions;
    return out;
}

json::object tools_result(const Catalog& catalog, const Revision& revision) {
    json::array tools;
    for (const auto& tool : catalog.tools()) tools.push_back(tool_entry(tool->info(), revision));
    return {{"tools", std::move(tools)}};
}

json::object prompts_result(const Catalog& catalog, const Revision& revision) {
    json::array prompts;
    for (const auto& prompt : catalog.prompts()) prompts.push_back(prompt_entry(prompt, revision));
    return {{"prompts", std::move(prompts)}};
}

json::object prompt_result(const Prompt& prompt, const std::string& text) {
    json::array messages{json::object{{"role", "user"}, {"content", text_content(text)}}};
    return {{"description", prompt.description}, {"messages", std::move(messages)}};
}

json::object call_result(const ToolResult& result, const Revision& revision) {
    json::object out{{"content", json::array{text_content(result.text)}}};
    if (revision.structured_content && !(result.structured.empty() && result.is_error))
        out["structuredContent"] = result.structured;
    out["isError"] = result.is_error;
    return out;
}

json::object input_required_result(const OpenQuestions& questions, const Revision& revision,
                                   std::string_view request_state) {
    json::object requests;
    for (const auto& question : questions.unanswered)
        requests[question.key] =
            json::object{{"method", "elicitation/create"}, {"params", question_params(question, revision)}};
    return {{"resultType", "input_required"},
            {"inputRequests", std::move(requests)},
            {"requestState", request_state}};
}

json::object finished(json::object result, const ServerInfo& info, const Revision& revision) {
    if (!revision.modern) return result;
    if (!result.contains("resultType")) result["resultType"] = "complete";
    result["_meta"] = json::object{{meta_key::server, implementation(info, revision)}};
    return result;
}

json::object keepable(json::object result, const Revision& revision) {
    if (!revision.modern) return result;
    result["ttlMs"] = list_time_ms;
    // Prompts come from this user's home, and the toolset is the operator's choice.
    result["cacheScope"] = "private";
    return result;
}

}  // namespace casefile::mcp
