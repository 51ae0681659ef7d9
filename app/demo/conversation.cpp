#include "app/demo/conversation.h"

#include <iomanip>

#include "base/text.h"

namespace casefile::app {

void Conversation::say(const std::string& line) {
    out_ << "         " << printable(line) << "\n" << std::flush;
}

/// Answers as the human would: ticks the box, types the label that the question asks for.
mcp::HumanAnswer Conversation::answer(const mcp::Question& question) {
    for (const auto& line : split(question.message, '\n')) say("? " + line);
    mcp::HumanAnswer answer{.action = mcp::AnswerAction::accept, .content = {}};
    for (const auto& field : question.form.at("properties").as_object()) {
        const auto& shape = field.value().as_object();
        if (string_or(shape, "type") == "boolean")
            answer.content[field.key()] = true;
        else
            answer.content[field.key()] = split(string_or(shape, "title"), ' ').back();
        say("! " + std::string(field.key()) + ": " + json::serialize(answer.content[field.key()]) +
            "  (the human)");
    }
    return answer;
}

Result<json::object> Conversation::quietly(const std::string& tool, json::object arguments) {
    if (!case_.empty()) arguments["case"] = case_;
    mcp::CallListener listener;
    listener.ask = [this](const mcp::Question& question) { return answer(question); };
    auto result = client_.call_tool(tool, arguments, listener);
    if (!result) return result.error();
    if (result->is_error) return denied(tool + " was refused: " + result->text);
    return std::move(result->structured);
}

Result<json::object> Conversation::ask(const std::string& tool, json::object arguments,
                                       const std::string& why) {
    ++step_;
    out_ << "[" << std::setw(2) << step_ << "/" << steps_ << "] " << std::left << std::setw(20) << tool
         << std::right << why << "\n"
         << std::flush;
    return quietly(tool, std::move(arguments));
}

std::string run_of(const json::object& answer) {
    const auto* run = answer.if_contains("run");
    return run != nullptr && run->is_object() ? string_or(run->get_object(), "id") : "";
}

}  // namespace casefile::app
