#include "app/terminal.h"

#include <unistd.h>

#include <iostream>

#include "base/text.h"

namespace casefile::app {

bool human_is_at_the_terminal() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

mcp::HumanAnswer ask_at_terminal(const mcp::Question& question) {
    std::cerr << printable(question.message, true) << "\n";
    mcp::HumanAnswer answer{.action = mcp::AnswerAction::accept, .content = {}, .how = "terminal"};
    const auto& fields = question.form.at("properties").as_object();
    const bool typed_label = fields.size() > 1;
    for (const auto& field : fields) {
        const auto& shape = field.value().as_object();
        const bool yes_or_no = string_or(shape, "type") == "boolean";
        // Who types the label says yes with it; asked twice, people type the label at the first question.
        if (yes_or_no && typed_label) {
            answer.content[field.key()] = true;
            continue;
        }
        std::cerr << string_or(shape, "title", field.key()) << (yes_or_no ? " [y/N]: " : ": ") << std::flush;
        std::string line;
        if (!std::getline(std::cin, line))
            return {.action = mcp::AnswerAction::cancel, .content = {}, .how = "terminal"};
        const std::string typed(trim(line));
        if (!yes_or_no) {
            if (typed.empty())
                return {.action = mcp::AnswerAction::decline, .content = {}, .how = "terminal"};
            answer.content[field.key()] = typed;
            continue;
        }
        const bool yes = equals_ignoring_case(typed, "y") || equals_ignoring_case(typed, "yes");
        if (!yes) return {.action = mcp::AnswerAction::decline, .content = {}, .how = "terminal"};
        answer.content[field.key()] = true;
    }
    return answer;
}

mcp::ToolOutcome call_at_terminal(const mcp::Tool& tool, const json::object& arguments,
                                  mcp::CallContext& context) {
    const bool watched = isatty(STDERR_FILENO) == 1;
    context.progress = [watched](double, std::optional<double>, const std::string& message) {
        if (watched) std::cerr << message << "\n";
    };
    const auto call_once = [&]() -> mcp::ToolOutcome {
        auto outcome = tool.call(arguments, context);
        if (const auto* work = std::get_if<mcp::LongWork>(&outcome)) return work->run(context);
        return outcome;
    };
    auto outcome = call_once();
    constexpr int rounds_max = 3;
    for (int round = 0; round < rounds_max; ++round) {
        auto* asked = std::get_if<mcp::NeedsInput>(&outcome);
        if (asked == nullptr) return outcome;
        if (!human_is_at_the_terminal())
            return std::move(asked->when_nobody_can_ask).value_or(mcp::ToolResult());
        for (const auto& question : asked->questions)
            context.answers[question.key] = ask_at_terminal(question);
        context.state = asked->state;
        outcome = call_once();
    }
    return outcome;
}

}  // namespace casefile::app
