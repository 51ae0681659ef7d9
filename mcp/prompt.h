#pragma once
// A prompt: Markdown text that a person fills in, and hands to the assistant.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "mcp/tool.h"

namespace casefile::mcp {

struct PromptArgument {
    std::string name, description;
    bool required = false;
};

using PromptArguments = std::map<std::string, std::string>;

/// A prompt is Markdown text with placeholders: {{name}} for an argument, {{name|text}} with a text for when
/// it is not given, {{case.brief}} for what is known about the argument `case`. A line that
/// nothing fills is left out, and so is a line ending in a colon that announced only such lines: a prompt
/// never shows a hole.
struct Prompt {
    std::string name, title, description;
    std::vector<PromptArgument> arguments;
    std::string text;
    /// Instead of `text`: makes the messages, {role, content} each, and may ask first. Invalid arguments are
    /// an error.
    std::function<std::variant<json::array, NeedsInput, Error>(const PromptArguments&, CallContext&)> make =
        {};
};

/// Reads one Markdown file: front matter between --- lines (name, title, description, arguments as
/// `- name: description` or `- name (required): description`), then the text. The error names the line.
Result<Prompt> parse_prompt(std::string_view markdown);

/// Says what is wrong with the arguments: an unknown one, or a required one that is missing.
Result<void> check_arguments(const Prompt& prompt, const PromptArguments& arguments);

/// Fills the placeholders of `text`, after check_arguments(). `values` are the arguments, and what is known
/// about them ("case.brief").
std::string render_prompt(const Prompt& prompt, const PromptArguments& values);

/// What is known about the arguments given, by the names of placeholders. An error where one names what the
/// reader may not see. Safe to call from any worker.
using PromptFacts =
    std::function<Result<PromptArguments>(const PromptArguments& given, const std::string& principal)>;

}  // namespace casefile::mcp
