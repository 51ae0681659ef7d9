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

}  // namespace casefile::app
