#include "mcp/catalog.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"

namespace casefile::mcp {
namespace {

bool is_header_token(std::string_view text) {
    constexpr std::string_view allowed =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return !text.empty() && text.size() <= 64 && text.find_first_not_of(allowed) == std::string_view::npos;
}

Result<void> collect(const json::object& schema, const std::vector<std::string>& path,
                     std::vector<HeaderArgument>& out) {
    const auto* properties = schema.if_contains("properties");
    if (properties == nullptr || !properties->is_object()) return {};
    for (const auto& property : properties->get_object()) {
        const auto* inner = property.value().if_object();
        if (inner == nullptr) continue;
        auto here = path;
        here.emplace_back(property.key());
        if (auto done = collect(*inner, here, out); !done) return done;
        const auto* header = inner->if_contains("x-mcp-header");
        if (header == nullptr) continue;
        const auto where = "x-mcp-header of " + join(here, ".");
        if (!header->is_string() || !is_header_token(header->get_string()))
            return invalid(where + ": expected the token of a header name");
        const auto type = string_or(*inner, "type");
        if (type != "string" && type != "integer" && type != "boolean")
            return invalid(where + ": expected a string, an integer or a boolean, got " + type);
        const std::string name(header->get_string());
        for (const auto& other : out)
            if (equals_ignoring_case(other.header, name))
                return invalid(where + ": " + join(other.path, ".") + " has the same header");
        out.push_back({std::move(here), name});
    }
    return {};
}

}  // namespace

bool is_catalog_name(std::string_view name) {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    return !name.empty() && name.size() <= 64 && name.find_first_not_of(allowed) == std::string_view::npos;
}

Result<std::vector<HeaderArgument>> header_arguments(const json::object& input_schema) {
    std::vector<HeaderArgument> out;
    if (auto done = collect(input_schema, {}, out); !done) return done.error();
    return out;
}

void Catalog::add(std::unique_ptr<Tool> tool) {
    assert(is_catalog_name(tool->info().name) && find_tool(tool->info().name) == nullptr);
    auto headers = header_arguments(tool->info().input_schema);
    assert(headers);
    if (headers && !headers->empty()) headers_[tool->info().name] = *std::move(headers);
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

const std::vector<HeaderArgument>& Catalog::headers_of(std::string_view tool) const {
    static const std::vector<HeaderArgument> none;
    const auto found = headers_.find(tool);
    return found == headers_.end() ? none : found->second;
}

const Prompt* Catalog::find_prompt(std::string_view name) const {
    const auto found = std::find_if(prompts_.begin(), prompts_.end(),
                                    [&](const auto& prompt) { return prompt.name == name; });
    return found == prompts_.end() ? nullptr : &*found;
}

}  // namespace casefile::mcp
