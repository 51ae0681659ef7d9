#include "tools/environment/human_word.h"

#include "base/text.h"

namespace casefile::tools {

mcp::Question question_to_human(const policy::Rules& rules, std::string key, std::string message,
                                const HumanAsked& asked) {
    json::object properties{{"confirm", {{"type", "boolean"}, {"title", asked.title}, {"default", false}}}};
    json::array required{"confirm"};
    if (rules.is_protected(asked.env)) {
        message += "\n" + asked.env + " is protected: type its label to confirm.";
        properties["environment"] = {
            {"type", "string"}, {"title", "Type the label " + asked.env}, {"maxLength", 64}};
        required.emplace_back("environment");
    }
    return {
        .key = std::move(key),
        .message = std::move(message),
        .form = {
            {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}}};
}

Result<void> check_human_answer(const policy::Rules& rules, const mcp::HumanAnswer& answer,
                                const HumanAsked& asked) {
    const char* final_word = "do not ask again unless the user says so";
    if (answer.action != mcp::AnswerAction::accept)
        return denied(asked.refusal + ": the human " +
                          (answer.action == mcp::AnswerAction::decline ? "declined" : "did not answer"),
                      final_word);
    if (rules.needs_terminal(asked.env) && answer.how != "terminal")
        return denied(asked.refusal + ": " + asked.env + " counts only when confirmed at a terminal, got a " +
                          printable(shorten(answer.how, 32)),
                      asked.again);
    const auto* confirm = answer.content.if_contains("confirm");
    if (confirm == nullptr || !confirm->is_bool() || !confirm->get_bool())
        return denied(asked.refusal + ": the box 'confirm' was not ticked", final_word);
    if (rules.is_protected(asked.env) && string_or(answer.content, "environment") != asked.env)
        return denied(asked.refusal + ": " + asked.env +
                          " is protected and its label was not typed: expected '" + asked.env + "', got '" +
                          printable(shorten(string_or(answer.content, "environment"), 64)) + "'",
                      asked.again);
    return {};
}

}  // namespace casefile::tools
