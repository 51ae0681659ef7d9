#include "app/terminal.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <iostream>

#include "base/text.h"

namespace casefile::app {
namespace {

struct ProcessFacts {
    std::string name, parent;
};

/// From /proc; nothing for a process that is gone or hidden.
std::optional<ProcessFacts> process_facts(const std::string& process) {
    std::ifstream in("/proc/" + process + "/status");
    ProcessFacts facts;
    const auto after = [](const std::string& line) {
        return std::string(trim(line.substr(line.find(':') + 1)));
    };
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("Name:")) facts.name = after(line);
        if (line.starts_with("PPid:")) facts.parent = after(line);
    }
    return facts.name.empty() || facts.parent.empty() ? std::nullopt : std::optional(facts);
}

}  // namespace

bool human_is_at_the_terminal() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

json::object witness() {
    json::object out;
    std::array<char, 256> name{};
    if (ttyname_r(STDIN_FILENO, name.data(), name.size()) == 0) out["terminal"] = name.data();
    json::array processes;
    constexpr std::size_t processes_max = 16;
    for (auto process = std::to_string(getpid()); process != "0" && processes.size() < processes_max;) {
        const auto facts = process_facts(process);
        if (!facts) break;
        processes.emplace_back(printable(facts->name) + " " + process);
        process = facts->parent;
    }
    out["processes"] = std::move(processes);
    return out;
}

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
