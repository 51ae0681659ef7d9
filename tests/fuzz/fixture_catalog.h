#pragma once
// Tools that do one thing each, as the transcripts have them, without a test around them.

#include "mcp/catalog.h"

namespace casefile::fuzz {

class FixtureTool : public mcp::Tool {
  public:
    using Function = mcp::ToolOutcome (*)(const json::object&, mcp::CallContext&);

    FixtureTool(std::string name, Function function, json::object properties = {}) : function_(function) {
        info_ = {.name = name,
                 .title = name,
                 .description = name,
                 .input_schema = {{"type", "object"}, {"properties", std::move(properties)}},
                 .output_schema = {{"type", "object"}}};
    }
    const mcp::ToolInfo& info() const override { return info_; }
    mcp::ToolOutcome call(const json::object& arguments, mcp::CallContext& context) const override {
        return function_(arguments, context);
    }

  private:
    mcp::ToolInfo info_;
    Function function_;
};

inline mcp::ToolResult said(std::string text) { return {.structured = {{"said", text}}, .text = text}; }

inline mcp::Question question(std::string key) {
    json::object form{{"type", "object"},
                      {"properties", json::object{{key, json::object{{"type", "boolean"}}}}},
                      {"required", json::array{key}}};
    return {.key = std::move(key), .message = "Please.", .form = std::move(form)};
}

inline void add_fixtures(mcp::Catalog& catalog) {
    const auto add = [&](const char* name, FixtureTool::Function function, json::object properties = {}) {
        catalog.add(std::make_unique<FixtureTool>(name, function, std::move(properties)));
    };
    add("echo", [](const json::object& arguments, mcp::CallContext&) -> mcp::ToolOutcome {
        return said(string_or(arguments, "text", "nothing"));
    });
    add("routed", [](const json::object&, mcp::CallContext&) -> mcp::ToolOutcome { return said("routed"); },
        {{"region", json::object{{"type", "string"}, {"x-mcp-header", "Region"}}},
         {"count", json::object{{"type", "integer"}, {"x-mcp-header", "Count"}}},
         {"dry", json::object{{"type", "boolean"}, {"x-mcp-header", "Dry"}}}});
    add("confirm", [](const json::object&, mcp::CallContext& context) -> mcp::ToolOutcome {
        if (!context.answers.empty()) return said(json::serialize(context.state));
        return mcp::NeedsInput{.questions = {question("first"), question("second")},
                               .state = {{"step", 1}},
                               .when_nobody_can_ask = said("nobody can be asked")};
    });
    add("progress", [](const json::object&, mcp::CallContext& context) -> mcp::ToolOutcome {
        context.progress(1, 2, "half");
        context.log("info", "half");
        return said("done");
    });
    catalog.add(mcp::Prompt{.name = "look",
                            .title = "Look into it",
                            .description = "How to look.",
                            .arguments = {{.name = "what", .description = "What.", .required = true}},
                            .text = "Look at {{what}}."});
}

}  // namespace casefile::fuzz
