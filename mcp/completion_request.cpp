#include "mcp/completion_request.h"

#include <algorithm>

namespace casefile::mcp {

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
    if (is_prompt && catalog.find_prompt(request.reference) == nullptr)
        return invalid_params("ref.name: unknown prompt: " + shown(request.reference));
    if (!is_prompt) {
        const auto templates = catalog.resources() == nullptr ? std::vector<ResourceTemplate>()
                                                              : catalog.resources()->templates();
        if (std::none_of(templates.begin(), templates.end(),
                         [&](const ResourceTemplate& one) { return one.uri_template == request.reference; }))
            return invalid_params("ref.uri: unknown resource template: " + shown(request.reference));
    }
    for (auto [member, into] : {std::pair("name", &request.argument), std::pair("value", &request.begun)}) {
        auto text = required_string(**argument, member);
        if (!text) return text.error();
        *into = *std::move(text);
    }
    if (*context_object != nullptr) {
        auto given = optional_strings(**context_object, "arguments");
        if (!given) return given.error();
        request.given = *std::move(given);
    }
    return request;
}

}  // namespace casefile::mcp
