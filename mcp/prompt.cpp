// Prompts as files: reading their front matter, and filling their placeholders.

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "mcp/catalog.h"

namespace casefile::mcp {
namespace {

Error at_line(std::size_t line, const std::string& problem) {
    return invalid("prompt: line " + std::to_string(line) + ": " + problem);
}

/// Hands out lines and counts them. A line may end in a carriage return, which is dropped.
class Lines {
  public:
    explicit Lines(std::string_view text) : rest_(text) {}

    bool next(std::string_view& line) {
        if (rest_.empty()) return false;
        ++number_;
        const auto end = rest_.find('\n');
        line = rest_.substr(0, end);
        rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        return true;
    }
    std::string_view rest() const { return rest_; }
    std::size_t number() const { return number_; }

  private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

const PromptArgument* find_argument(const Prompt& prompt, std::string_view name) {
    const auto found = std::find_if(prompt.arguments.begin(), prompt.arguments.end(),
                                    [&](const auto& argument) { return argument.name == name; });
    return found == prompt.arguments.end() ? nullptr : &*found;
}

/// `- name: description` or `- name (required): description`
Result<PromptArgument> parse_argument(std::string_view line, std::size_t number) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return at_line(number, "expected '- name: description', got '" + std::string(line) + "'");
    PromptArgument argument;
    auto name = trim(line.substr(1, colon - 1));
    constexpr std::string_view mark = "(required)";
    if (name.ends_with(mark)) {
        argument.required = true;
        name = trim(name.substr(0, name.size() - mark.size()));
    }
    if (!is_catalog_name(name))
        return at_line(number, "expected an argument's name, got '" + std::string(name) + "'");
    argument.name = name;
    argument.description = trim(line.substr(colon + 1));
    return argument;
}

Result<void> parse_member(std::string_view line, std::size_t number, Prompt& prompt) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return at_line(number, "expected 'key: value', got '" + std::string(line) + "'");
    const auto key = trim(line.substr(0, colon));
    const auto value = trim(line.substr(colon + 1));
    if (key == "name") {
        if (!is_catalog_name(value))
            return at_line(number,
                           "name: expected 1..64 of A-Z a-z 0-9 _ . -, got '" + std::string(value) + "'");
        prompt.name = value;
    } else if (key == "title") {
        prompt.title = value;
    } else if (key == "description") {
        prompt.description = value;
    } else if (key == "arguments") {
        if (!value.empty()) return at_line(number, "arguments: expected a list on the following lines");
    } else {
        return at_line(number,
                       "expected name, title, description or arguments, got '" + std::string(key) + "'");
    }
    return {};
}

Result<void> parse_front_matter(Lines& lines, Prompt& prompt) {
    std::string_view line;
    if (!lines.next(line) || trim(line) != "---") return at_line(1, "expected --- before the front matter");
    bool in_arguments = false;
    while (lines.next(line)) {
        const auto text = trim(line);
        if (text == "---") return {};
        if (text.empty()) continue;
        if (in_arguments && text.starts_with('-')) {
            auto argument = parse_argument(text, lines.number());
            if (!argument) return argument.error();
            if (find_argument(prompt, argument->name) != nullptr)
                return at_line(lines.number(), "argument '" + argument->name + "' is there twice");
            prompt.arguments.push_back(*std::move(argument));
            continue;
        }
        if (auto done = parse_member(text, lines.number(), prompt); !done) return done.error();
        in_arguments = text.starts_with("arguments");
    }
    return at_line(lines.number(), "expected --- after the front matter");
}

/// `{{name}}` or `{{name|what stands there without}}`.
struct Placeholder {
    std::string_view name;
    std::optional<std::string_view> otherwise;
};

/// Calls `plain` with each stretch of a line and `filled` with each placeholder; false when one is broken.
template <class Plain, class Filled>
bool walk(std::string_view line, Plain plain, Filled filled) {
    while (true) {
        const auto begin = line.find("{{");
        plain(line.substr(0, begin));
        if (begin == std::string_view::npos) return true;
        const auto end = line.find("}}", begin);
        if (end == std::string_view::npos) return false;
        const auto inside = line.substr(begin + 2, end - begin - 2);
        const auto bar = inside.find('|');
        Placeholder placeholder{trim(inside.substr(0, bar)), std::nullopt};
        if (bar != std::string_view::npos) placeholder.otherwise = trim(inside.substr(bar + 1));
        if (!is_catalog_name(placeholder.name)) return false;
        filled(placeholder);
        line = line.substr(end + 2);
    }
}

/// An argument, or what is known about one: "case.brief" of "case".
bool can_be_filled(const Prompt& prompt, std::string_view name) {
    return find_argument(prompt, name) != nullptr ||
           (name.find('.') != std::string_view::npos &&
            find_argument(prompt, name.substr(0, name.find('.'))) != nullptr);
}

/// The line as it is filled in; nothing when a placeholder has neither a value nor a text for that case.
std::optional<std::string> filled_line(std::string_view line, const PromptArguments& values) {
    std::string out;
    bool whole = true;
    walk(
        line, [&](std::string_view plain) { out += plain; },
        [&](const Placeholder& placeholder) {
            const auto value = values.find(std::string(placeholder.name));
            if (value != values.end() && !value->second.empty())
                out += value->second;
            else if (placeholder.otherwise)
                out += *placeholder.otherwise;
            else
                whole = false;
        });
    return whole ? std::optional(std::move(out)) : std::nullopt;
}

/// "What is known:" goes together with what it announced.
void drop_announcement(std::vector<std::string>& lines) {
    if (!lines.empty() && trim(lines.back()).ends_with(':')) lines.pop_back();
}

}  // namespace

Result<Prompt> parse_prompt(std::string_view markdown) {
    if (!is_utf8(markdown)) return at_line(1, "expected UTF-8");
    Prompt prompt;
    Lines lines(markdown);
    if (auto done = parse_front_matter(lines, prompt); !done) return done.error();
    const auto end_of_matter = lines.number();
    if (prompt.name.empty()) return at_line(end_of_matter, "expected a name in the front matter");
    if (prompt.description.empty())
        return at_line(end_of_matter, "expected a description in the front matter");
    if (prompt.title.empty()) prompt.title = prompt.name;

    const auto text = lines.rest();
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return at_line(end_of_matter, "expected a text after the front matter");
    std::size_t number = end_of_matter;
    for (const auto& line : split(text, '\n')) {
        ++number;
        std::string unknown;
        const bool sound = walk(
            line, [](std::string_view) {},
            [&](const Placeholder& placeholder) {
                if (!can_be_filled(prompt, placeholder.name)) unknown = placeholder.name;
            });
        if (!unknown.empty()) return at_line(number, "{{" + unknown + "}} is not among the arguments");
        if (!sound) return at_line(number, "expected {{name}}");
    }
    prompt.text = text.substr(first);
    return prompt;
}

Result<void> check_arguments(const Prompt& prompt, const PromptArguments& arguments) {
    for (const auto& [name, value] : arguments)
        if (find_argument(prompt, name) == nullptr)
            return invalid("prompt " + prompt.name + ": it has no argument '" +
                           printable(shorten(name, 100)) + "'");
    for (const auto& argument : prompt.arguments)
        if (argument.required && !arguments.contains(argument.name))
            return invalid("prompt " + prompt.name + ": the argument '" + argument.name + "' is required");
    return {};
}

std::string render_prompt(const Prompt& prompt, const PromptArguments& arguments) {
    // One pass: a value that looks like a placeholder is text.
    std::vector<std::string> lines;
    bool left_out = false;  // the line before this one
    for (const auto& line : split(prompt.text, '\n')) {
        auto filled = filled_line(line, arguments);
        if (!filled) {
            left_out = true;
            continue;
        }
        const bool empty = trim(*filled).empty();
        const bool announces = trim(*filled).ends_with(':');
        if (left_out && (empty || announces)) drop_announcement(lines);
        left_out = false;
        // What was left out may have stood between two empty lines.
        if (empty && (lines.empty() || trim(lines.back()).empty())) continue;
        lines.push_back(*std::move(filled));
    }
    if (left_out) drop_announcement(lines);
    while (!lines.empty() && trim(lines.back()).empty()) lines.pop_back();
    return join(lines, "\n") + (prompt.text.ends_with('\n') ? "\n" : "");
}

}  // namespace casefile::mcp
