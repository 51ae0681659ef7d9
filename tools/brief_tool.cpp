#include "tools/brief_tool.h"

namespace casefile::tools {
namespace {

class BriefTool : public mcp::Tool {
  public:
    explicit BriefTool(std::unique_ptr<mcp::Tool> tool) : tool_(std::move(tool)), info_(tool_->info()) {
        auto* properties = info_.output_schema.if_contains("properties");
        if (properties == nullptr || !properties->is_object()) return;
        for (auto& property : properties->get_object())
            if (property.value().is_object()) {
                property.value().get_object().erase("items");
                property.value().get_object().erase("description");
            }
    }

    const mcp::ToolInfo& info() const override { return info_; }
    mcp::ToolOutcome call(const json::object& arguments, mcp::CallContext& context) const override {
        return tool_->call(arguments, context);
    }

  private:
    std::unique_ptr<mcp::Tool> tool_;
    mcp::ToolInfo info_;
};

}  // namespace

std::unique_ptr<mcp::Tool> with_brief_output(std::unique_ptr<mcp::Tool> tool) {
    return std::make_unique<BriefTool>(std::move(tool));
}

}  // namespace casefile::tools
