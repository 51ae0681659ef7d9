// Prompts, resources and completions.

#include "base/text.h"
#include "tests/conformance/server/fixtures.h"

namespace casefile::conformance {
namespace {

json::object message(json::object content) { return {{"role", "user"}, {"content", std::move(content)}}; }
json::object text_block(std::string_view text) { return {{"type", "text"}, {"text", text}}; }

class FixedResources : public mcp::Resources {
  public:
    Result<std::vector<mcp::Resource>> list(const mcp::Reader&, const std::string& after,
                                            std::size_t count) const override {
        std::vector<mcp::Resource> out;
        for (const auto& resource : all_)
            if (resource.uri > after && out.size() < count) out.push_back(resource);
        return out;
    }
    std::vector<mcp::ResourceTemplate> templates() const override {
        return {{.uri_template = "test://template/{id}/data",
                 .name = "Template data",
                 .title = {},
                 .description = "Data of one id.",
                 .mime_type = "application/json"}};
    }
    Result<std::vector<mcp::ResourceContent>> read(const mcp::Reader&,
                                                   const std::string& uri) const override {
        if (uri == "test://static-text")
            return one({uri, "text/plain", "This is the content of the static text resource."});
        if (uri == "test://watched-resource") return one({uri, "text/plain", "Watched."});
        if (uri == "test://static-binary") {
            std::string bytes;
            from_base64(tiny_image, bytes);
            return one({uri, "image/png", bytes, false});
        }
        constexpr std::string_view begin = "test://template/", end = "/data";
        if (uri.size() > begin.size() + end.size() && uri.starts_with(begin) && uri.ends_with(end)) {
            const auto id = uri.substr(begin.size(), uri.size() - begin.size() - end.size());
            const json::object data{{"id", id}, {"templateTest", true}, {"data", "Data for ID: " + id}};
            return one({uri, "application/json", json::serialize(data)});
        }
        return not_found("no such resource");
    }
    Result<void> watch(const mcp::Reader&, const std::string& uri) const override {
        if (uri != "test://watched-resource") return not_found("no such resource");
        return {};
    }

  private:
    static std::vector<mcp::ResourceContent> one(mcp::ResourceContent content) {
        return {std::move(content)};
    }

    const std::vector<mcp::Resource> all_{{.uri = "test://static-binary",
                                           .name = "Static binary",
                                           .title = {},
                                           .description = "A picture.",
                                           .mime_type = "image/png"},
                                          {.uri = "test://static-text",
                                           .name = "Static text",
                                           .title = {},
                                           .description = "A text.",
                                           .mime_type = "text/plain"},
                                          {.uri = "test://watched-resource",
                                           .name = "Watched",
                                           .title = {},
                                           .description = "To subscribe to.",
                                           .mime_type = "text/plain"}};
};

using Made = std::variant<json::array, mcp::NeedsInput, Error>;

Made embed_resource(const mcp::PromptArguments& arguments, mcp::CallContext&) {
    const auto given = arguments.find("resourceUri");
    const auto uri = given == arguments.end() ? std::string("test://example-resource") : given->second;
    json::object resource{
        {"uri", uri}, {"mimeType", "text/plain"}, {"text", "Embedded resource content for testing."}};
    return json::array{message({{"type", "resource"}, {"resource", std::move(resource)}}),
                       message(text_block("Please process the embedded resource above."))};
}

Made show_image(const mcp::PromptArguments&, mcp::CallContext&) {
    return json::array{message({{"type", "image"}, {"data", tiny_image}, {"mimeType", "image/png"}}),
                       message(text_block("Please analyze the image above."))};
}

Made ask_first(const mcp::PromptArguments&, mcp::CallContext& context) {
    if (context.answers.empty())
        return mcp::NeedsInput{.questions = {form("user_context", "What is the context?",
                                                  {{"context", json::object{{"type", "string"}}}})},
                               .state = {},
                               .when_nobody_can_ask = {}};
    return json::array{message(text_block("Context: " + answered(context, "user_context", "context")))};
}

}  // namespace

void add_prompts(mcp::Catalog& catalog) {
    const auto prompt = [](const char* name, std::vector<mcp::PromptArgument> arguments, std::string text,
                           decltype(mcp::Prompt::make) make = {}) {
        return mcp::Prompt{.name = name,
                           .title = name,
                           .description = "A prompt for the suite.",
                           .arguments = std::move(arguments),
                           .text = std::move(text),
                           .make = std::move(make)};
    };
    catalog.add(prompt("test_simple_prompt", {}, "This is a simple prompt for testing."));
    catalog.add(prompt("test_prompt_with_arguments",
                       {{.name = "arg1", .description = "The first.", .required = true},
                        {.name = "arg2", .description = "The second.", .required = true}},
                       "Prompt with arguments: arg1='{{arg1}}', arg2='{{arg2}}'"));
    catalog.add(prompt("test_prompt_with_embedded_resource",
                       {{.name = "resourceUri", .description = "What to embed.", .required = true}}, {},
                       embed_resource));
    catalog.add(prompt("test_prompt_with_image", {}, {}, show_image));
    catalog.add(prompt("test_input_required_result_prompt", {}, {}, ask_first));
    catalog.set([](const mcp::CompletionRequest& request, const mcp::Reader&) {
        std::vector<std::string> out;
        for (const auto* value : {"testing", "test1", "other"})
            if (std::string_view(value).starts_with(request.begun)) out.emplace_back(value);
        return out;
    });
}

void add_resources(mcp::Catalog& catalog) { catalog.set(std::make_unique<FixedResources>()); }

}  // namespace casefile::conformance
