#pragma once
// The tools, prompts and resources on offer, in a fixed order. Built at start, constant afterwards.

#include <map>
#include <memory>
#include <vector>

#include "mcp/completion.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"

namespace casefile::mcp {

/// The names that tools, prompts and a prompt's arguments may have.
bool is_catalog_name(std::string_view name);

/// An argument of a tool that the client repeats in a header of HTTP.
struct HeaderArgument {
    std::vector<std::string> path;  ///< the properties that lead to it
    std::string header;             ///< without "Mcp-Param-"
};
/// The `x-mcp-header` annotations of a schema, which are found by way of `properties` alone. The error says
/// what is wrong with one: clients drop a tool whose annotation they cannot follow.
Result<std::vector<HeaderArgument>> header_arguments(const json::object& input_schema);

class Catalog {
  public:
    /// Asserts that the name is new and fits `[A-Za-z0-9_.-]{1,64}`, and that header annotations are sound.
    void add(std::unique_ptr<Tool> tool);
    void add(Prompt prompt);
    /// Puts something around each tool, which keeps its place and its info.
    void wrap_tools(const std::function<std::unique_ptr<Tool>(std::unique_ptr<Tool>)>& wrap) {
        for (auto& tool : tools_) tool = wrap(std::move(tool));
    }
    /// Without, the server has no resources, or no completions.
    void set(std::unique_ptr<const Resources> resources) { resources_ = std::move(resources); }
    void set(Completer completer) { completer_ = std::move(completer); }
    /// Without, the placeholders of prompts hold arguments alone.
    void set(PromptFacts facts) { prompt_facts_ = std::move(facts); }

    const std::vector<std::unique_ptr<Tool>>& tools() const { return tools_; }
    const std::vector<Prompt>& prompts() const { return prompts_; }
    const Resources* resources() const { return resources_.get(); }
    const Completer& completer() const { return completer_; }
    const PromptFacts& prompt_facts() const { return prompt_facts_; }
    const Tool* find_tool(std::string_view name) const;
    /// Which arguments of the tool come in headers as well; empty for most tools, and for none of the name.
    const std::vector<HeaderArgument>& headers_of(std::string_view tool) const;
    const Prompt* find_prompt(std::string_view name) const;

  private:
    std::vector<std::unique_ptr<Tool>> tools_;
    std::map<std::string, std::vector<HeaderArgument>, std::less<>> headers_;  ///< by tool
    std::vector<Prompt> prompts_;
    std::unique_ptr<const Resources> resources_;
    Completer completer_;
    PromptFacts prompt_facts_;
};

}  // namespace casefile::mcp
