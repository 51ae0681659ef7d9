#include "mcp/shapes.h"

#include "base/text.h"

namespace casefile::mcp {
namespace {

/// What stands in a large answer beside its rows takes less, most of the time.
constexpr std::size_t written_besides_max = 8 * 1024;

json::object implementation(const ServerInfo& info, const Revision& revision) {
    json::object out{{"name", info.name}};
    if (revision.titles) out["title"] = info.title;
    out["version"] = info.version;
    return out;
}

/// `subscribe` is the older era's: the newer has subscriptions/listen for every resource.
json::object capabilities(const ServerInfo& info, const Catalog& catalog) {
    const auto lists = [&] {
        return info.lists_change ? json::object{{"listChanged", true}} : json::object();
    };
    json::object out{{"tools", lists()}, {"prompts", lists()}};
    if (catalog.resources() != nullptr)
        out["resources"] = json::object{{"subscribe", true}, {"listChanged", true}};
    if (catalog.completer()) out["completions"] = json::object();
    if (info.logging) out["logging"] = json::object();
    return out;
}

json::object annotations(const ToolInfo& info, const Revision& revision) {
    json::object out;
    if (!revision.titles) out["title"] = info.title;
    out["readOnlyHint"] = info.read_only;
    out["destructiveHint"] = false;
    out["openWorldHint"] = false;
    return out;
}

json::object text_content(std::string_view text) { return {{"type", "text"}, {"text", text}}; }

bool is_known_block(const json::object& block, const Revision& revision) {
    return revision.links || string_or(block, "type") != "resource_link";
}

void append_structured(std::string& out, const ToolResult& result) {
    append_compact(out, result.structured);
    if (!result.written) return;
    reopen_object(out);
    append_json_string(out, result.written->name);
    out.append(":").append(result.written->json).append("}");
}

/// Both channels of a large answer, each byte of it copied once.
MethodResult written_result(const ToolResult& result, const Revision& revision) {
    MethodResult out(json::object{{"isError", result.is_error}});
    const auto& member = *result.written;
    auto& text = out.written;
    text.reserve(member.json.size() + member.escaped_text.size() + written_besides_max);
    text += R"("content":[{"type":"text","text":")";
    append_json_escaped(text, result.text);
    text.append(member.escaped_text).append("\"}");
    for (const auto& block : result.more)
        if (is_known_block(block, revision)) {
            text += ',';
            append_compact(text, block);
        }
    text += ']';
    if (!revision.structured_content) return out;
    text += R"(,"structuredContent":)";
    append_structured(text, result);
    return out;
}

}  // namespace

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

json::object resource_entry(const Resource& resource, const Revision& revision) {
    json::object out{{"uri", resource.uri}, {"name", resource.name}};
    if (revision.titles && !resource.title.empty()) out["title"] = resource.title;
    if (!resource.description.empty()) out["description"] = resource.description;
    if (!resource.mime_type.empty()) out["mimeType"] = resource.mime_type;
    if (resource.bytes && revision.annotations) out["size"] = *resource.bytes;
    if (revision.titles && !resource.last_modified.empty())
        out["annotations"] = json::object{{"lastModified", resource.last_modified}};
    return out;
}

json::object template_entry(const ResourceTemplate& resource_template, const Revision& revision) {
    json::object out{{"uriTemplate", resource_template.uri_template}, {"name", resource_template.name}};
    if (revision.titles && !resource_template.title.empty()) out["title"] = resource_template.title;
    if (!resource_template.description.empty()) out["description"] = resource_template.description;
    if (!resource_template.mime_type.empty()) out["mimeType"] = resource_template.mime_type;
    return out;
}

json::object discover_result(const ServerInfo& info, const Catalog& catalog, const ServerOptions& options) {
    // Only what can be put into _meta: the handshake revisions are for those who come with initialize.
    json::array supported;
    for (const auto& revision : revisions())
        if (revision.modern) supported.emplace_back(revision.name);
    auto offered = capabilities(info, catalog);
    if (!options.tasks_folder.empty())
        offered["extensions"] = json::object{{extension::tasks, json::object()}};
    json::object out{{"supportedVersions", std::move(supported)}, {"capabilities", std::move(offered)}};
    if (!info.instructions.empty()) out["instructions"] = info.instructions;
    return out;
}

json::object initialize_result(const ServerInfo& info, const Catalog& catalog, const Revision& revision) {
    json::object out{{"protocolVersion", revision.name},
                     {"capabilities", capabilities(info, catalog)},
                     {"serverInfo", implementation(info, revision)}};
    if (!info.instructions.empty()) out["instructions"] = info.instructions;
    return out;
}

json::object prompt_result(const Prompt& prompt, const std::string& text) {
    json::array messages{json::object{{"role", "user"}, {"content", text_content(text)}}};
    return {{"description", prompt.description}, {"messages", std::move(messages)}};
}

json::object contents_result(const std::vector<ResourceContent>& contents) {
    json::array out;
    for (const auto& content : contents) {
        json::object one{{"uri", content.uri}};
        if (!content.mime_type.empty()) one["mimeType"] = content.mime_type;
        if (content.is_text)
            one["text"] = content.bytes;
        else
            one["blob"] = to_base64(content.bytes);
        out.push_back(std::move(one));
    }
    return {{"contents", std::move(out)}};
}

void reopen_object(std::string& text) {
    text.pop_back();
    if (text.back() != '{') text += ',';
}

std::string structured_text(const ToolResult& result) {
    std::string text;
    append_structured(text, result);
    return text;
}

std::string whole_text(const ToolResult& result) {
    if (!result.written) return result.text;
    return result.text + std::string(json::parse('"' + result.written->escaped_text + '"').as_string());
}

void append_text(ToolResult& result, std::string_view text) {
    if (result.written)
        append_json_escaped(result.written->escaped_text, text);
    else
        result.text += text;
}

json::object error_json(const RpcError& error) {
    json::object out{{"code", error.code}, {"message", error.message}};
    if (error.data) out["data"] = *error.data;
    return out;
}

MethodResult call_result(ToolResult result, const Revision& revision) {
    if (result.written) return written_result(result, revision);
    json::array content;
    if (!result.text.empty() || result.more.empty()) content.push_back(text_content(result.text));
    for (auto& block : result.more)
        if (is_known_block(block, revision)) content.push_back(std::move(block));
    MethodResult out(json::object{{"content", std::move(content)}, {"isError", result.is_error}});
    if (revision.structured_content && !result.structured.empty())
        out.members["structuredContent"] = std::move(result.structured);
    return out;
}

json::object whole(MethodResult result) {
    if (result.written.empty()) return std::move(result.members);
    const auto written = parse_json("{" + result.written + "}");
    if (!written)
        return {{"isError", true},
                {"content",
                 {text_content("the answer was no JSON: a bug in casefile; " + describe(written.error()))}}};
    for (const auto& pair : written->as_object()) result.members[pair.key()] = pair.value();
    return std::move(result.members);
}

json::object input_required_result(const OpenQuestions& questions, const Revision& revision,
                                   const std::optional<std::string>& request_state) {
    json::object requests;
    for (const auto& question : questions.unanswered) {
        auto request = request_for(question, revision);
        requests[question.key] =
            json::object{{"method", request.method}, {"params", std::move(request.params)}};
    }
    json::object out{{"resultType", "input_required"}, {"inputRequests", std::move(requests)}};
    if (request_state) out["requestState"] = *request_state;
    return out;
}

MethodResult finished(MethodResult result, const ServerInfo& info, const Revision& revision) {
    if (!revision.modern) return result;
    auto& members = result.members;
    if (!members.contains("resultType")) members["resultType"] = "complete";
    members["_meta"] = json::object{{meta_key::server, implementation(info, revision)}};
    return result;
}

json::object keepable(json::object result, const Revision& revision) {
    if (!revision.modern) return result;
    result["ttlMs"] = list_time_ms;
    // Prompts come from this user's home, and the toolset is the operator's choice.
    result["cacheScope"] = "private";
    return result;
}

json::object changing(json::object result, const Revision& revision) {
    if (!revision.modern) return result;
    result["ttlMs"] = 0;
    result["cacheScope"] = "private";
    return result;
}

}  // namespace casefile::mcp
