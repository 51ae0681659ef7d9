#pragma once
// The tools and prompts on offer, in a fixed order. Built at start, constant afterwards.

#include <memory>

#include "mcp/tool.h"

namespace casefile::mcp {

/// The names that tools, prompts and a prompt's arguments may have.
bool is_catalog_name(std::string_view name);

class Catalog {
  public:
    /// Asserts that the name is new and fits `[A-Za-z0-9_.-]{1,64}`.
    void add(std::unique_ptr<Tool> tool);
    void add(Prompt prompt);

    const std::vector<std::unique_ptr<Tool>>& tools() const { return tools_; }
    const std::vector<Prompt>& prompts() const { return prompts_; }
    const Tool* find_tool(std::string_view name) const;
    const Prompt* find_prompt(std::string_view name) const;

  private:
    std::vector<std::unique_ptr<Tool>> tools_;
    std::vector<Prompt> prompts_;
};

/// Reads one Markdown file: front matter between --- lines (name, title, description, arguments as
/// `- name: description` or `- name (required): description`), then the text. The error names the line.
Result<Prompt> parse_prompt(std::string_view markdown);

/// Fills the placeholders; a missing required argument or an unknown one is an invalid_argument error.
Result<std::string> render_prompt(const Prompt& prompt, const std::map<std::string, std::string>& arguments);

}  // namespace casefile::mcp
