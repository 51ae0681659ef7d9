#include "mcp/catalog.h"

#include <algorithm>
#include <cassert>

namespace casefile::mcp {

bool is_catalog_name(std::string_view name) {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    return !name.empty() && name.size() <= 64 && name.find_first_not_of(allowed) == std::string_view::npos;
}

void Catalog::add(std::unique_ptr<Tool> tool) {
    assert(is_catalog_name(tool->info().name) && find_tool(tool->info().name) == nullptr);
    tools_.push_back(std::move(tool));
}

void Catalog::add(Prompt prompt) {
    assert(is_catalog_name(prompt.name) && find_prompt(prompt.name) == nullptr);
    prompts_.push_back(std::move(prompt));
}

const Tool* Catalog::find_tool(std::string_view name) const {
    const auto found = std::find_if(tools_.begin(), tools_.end(),
                                    [&](const auto& tool) { return tool->info().name == name; });
    return found == tools_.end() ? nullptr : found->get();
}

const Prompt* Catalog::find_prompt(std::string_view name) const {
    const auto found = std::find_if(prompts_.begin(), prompts_.end(),
                                    [&](const auto& prompt) { return prompt.name == name; });
    return found == prompts_.end() ? nullptr : &*found;
}

}  // namespace casefile::mcp
