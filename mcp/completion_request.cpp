#include "mcp/completion_request.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::mcp {
namespace {

/// The names in braces, in their order.
std::vector<std::string> variables_of(std::string_view uri_template) {
    std::vector<std::string> names;
    for (auto open = uri_template.find('{'); open != std::string_view::npos;
         open = uri_template.find('{', open + 1)) {
        const auto close = uri_template.find('}', open);
        if (close == std::string_view::npos) break;
        names.emplace_back(uri_template.substr(open + 1, close - open - 1));
    }
    return names;
}

std::vector<std::string> arguments_of(const Prompt& prompt) {
    std::vector<std::string> names;
    for (const auto& argument : prompt.arguments) names.push_back(argument.name);
    return names;
}

/// What can be completed of the prompt or the template that `request` names.
Answer<std::vector<std::string>> names_of(const CompletionRequest& request, const Catalog& catalog) {
    if (request.of == CompletionRequest::Of::prompt) {
        const auto* prompt = catalog.find_prompt(request.reference);
        if (prompt == nullptr) return invalid_params("ref.name: unknown prompt: " + shown(request.reference));
        return arguments_of(*prompt);
    }
    const auto templates =
        catalog.resources() == nullptr ? std::vector<ResourceTemplate>() : catalog.resources()->templates();
    const auto known = std::any_of(templates.begin(), templates.end(), [&](const ResourceTemplate& one) {
        return one.uri_template == request.reference;
    });
    if (!known) return invalid_params("ref.uri: unknown resource template: " + shown(request.reference));
    return variables_of(request.reference);
}

}  // namespace

Answer<CompletionRequest> read_completion(const json::object& params, const Catalog& catalog) {
    const auto reference = required_object(params, "ref");
    if (!reference) return reference.error();
    const auto argument = required_object(params, "argument");
    if (!argument) return argument.error();
    const auto context_object = optional_object(params, "context");
    if (!context_object) return context_object.error();

    CompletionRequest request;
    const auto type = required_string(**reference, "type");
    if (!type) return type.error();
    if (*type != "ref/prompt" && *type != "ref/resource")
        return expected("ref.type", "ref/prompt or ref/resource", shown(*type));
    const bool is_prompt = *type == "ref/prompt";
    request.of = is_prompt ? CompletionRequest::Of::prompt : CompletionRequest::Of::resource_template;
    auto named = required_string(**reference, is_prompt ? "name" : "uri");
    if (!named) return named.error();
    request.reference = *std::move(named);
    const auto names = names_of(request, catalog);
    if (!names) return names.error();
    for (auto [member, into] : {std::pair("name", &request.argument), std::pair("value", &request.begun)}) {
        auto text = required_string(**argument, member);
        if (!text) return text.error();
        *into = *std::move(text);
    }
    if (std::find(names->begin(), names->end(), request.argument) == names->end())
        return expected(
            "argument.name",
            names->empty() ? "nothing, as there are no arguments" : "one of " + join(*names, ", "),
            shown(request.argument));
    if (*context_object != nullptr) {
        auto given = optional_strings(**context_object, "arguments");
        if (!given) return given.error();
        request.given = *std::move(given);
    }
    return request;
}

}  // namespace casefile::mcp
