// Tools that answer with each kind of content.

#include <condition_variable>

#include "tests/conformance/server/fixtures.h"

namespace casefile::conformance {
namespace {

class FunctionTool : public mcp::Tool {
  public:
    FunctionTool(mcp::ToolInfo info, Function function)
        : info_(std::move(info)), function_(std::move(function)) {}
    const mcp::ToolInfo& info() const override { return info_; }
    mcp::ToolOutcome call(const json::object& arguments, mcp::CallContext& context) const override {
        return function_(arguments, context);
    }

  private:
    const mcp::ToolInfo info_;
    const Function function_;
};

json::object image() { return {{"type", "image"}, {"data", tiny_image}, {"mimeType", "image/png"}}; }

json::object embedded(std::string_view uri, std::string_view type, std::string_view text) {
    return {{"type", "resource"},
            {"resource", json::object{{"uri", uri}, {"mimeType", type}, {"text", text}}}};
}

mcp::ToolResult blocks(std::vector<json::object> more) {
    return {.structured = {}, .text = {}, .is_error = false, .more = std::move(more)};
}

/// As the suite wants it, byte for byte.
constexpr const char* schema_2020_12 =
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
"$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
"properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string","enum":["phone","email"]},"phone":{"type":"string"},"email":{"type":"string"}},
"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},"else":{"required":["email"]},
"additionalProperties":false})";

}  // namespace

const char* const tiny_image =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const char* const tiny_sound = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

void add_tool_with_schema(mcp::Catalog& catalog, const std::string& name, const std::string& description,
                          json::object input_schema, Function function) {
    catalog.add(std::make_unique<FunctionTool>(mcp::ToolInfo{.name = name,
                                                             .title = name,
                                                             .description = description,
                                                             .input_schema = std::move(input_schema),
                                                             .output_schema = {}},
                                               std::move(function)));
}

void add_tool(mcp::Catalog& catalog, const std::string& name, const std::string& description,
              json::object properties, Function function) {
    add_tool_with_schema(catalog, name, description,
                         {{"type", "object"}, {"properties", std::move(properties)}}, std::move(function));
}

mcp::ToolResult said(std::string text) { return {.structured = {}, .text = std::move(text)}; }

void pass_time(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
}

void add_content_tools(mcp::Catalog& catalog) {
    const auto add = [&](const char* name, const char* description, Function function) {
        add_tool(catalog, name, description, {}, std::move(function));
    };
    // First, because the suite calls the first tool of the list without arguments.
    add("test_simple_text", "Answers with text.",
        [](const auto&, auto&) { return said("This is a simple text response for testing."); });
    add("test_image_content", "Answers with a picture.",
        [](const auto&, auto&) { return blocks({image()}); });
    add("test_audio_content", "Answers with a sound.", [](const auto&, auto&) {
        return blocks({{{"type", "audio"}, {"data", tiny_sound}, {"mimeType", "audio/wav"}}});
    });
    add("test_embedded_resource", "Answers with a resource inside.", [](const auto&, auto&) {
        return blocks(
            {embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")});
    });
    add("test_multiple_content_types", "Answers with text, a picture and a resource.",
        [](const auto&, auto&) {
            auto result = blocks({image(), embedded("test://mixed-content-resource", "application/json",
                                                    R"({"test":"data","value":123})")});
            result.text = "Multiple content types test:";
            return result;
        });
    add("test_error_handling", "Always fails.", [](const auto&, auto&) {
        auto result = said("This tool intentionally returns an error for testing");
        result.is_error = true;
        return result;
    });
    add_tool(catalog, "test_x_mcp_header", "Has an argument that is repeated in a header.",
             {{"region", json::object{{"type", "string"}, {"x-mcp-header", "Region"}}}},
             [](const auto& arguments, auto&) {
                 return said("region: " + string_or(arguments, "region", "none"));
             });
    add_tool_with_schema(
        catalog, "json_schema_2020_12_tool", "Has a schema with much of JSON Schema 2020-12.",
        parse_json(schema_2020_12)->as_object(), [](const auto&, auto&) { return said("valid"); });
}

}  // namespace casefile::conformance
