#include "mcp/question.h"

#include <string_view>

namespace casefile::mcp {
namespace {

const char* name_of(AnswerAction action) {
    switch (action) {
        case AnswerAction::accept:
            return "accept";
        case AnswerAction::decline:
            return "decline";
        case AnswerAction::cancel:
            return "cancel";
    }
    return "cancel";
}

const json::object* object_member(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

}  // namespace

bool can_answer_forms(const json::object& client_capabilities) {
    const auto* elicitation = object_member(client_capabilities, "elicitation");
    // An empty object is the older way to declare forms, from before there was another mode.
    return elicitation != nullptr && (elicitation->empty() || elicitation->contains("form"));
}

json::object question_params(const Question& question, const Revision& revision) {
    json::object params;
    if (revision.elicitation_mode) params["mode"] = "form";
    params["message"] = question.message;
    params["requestedSchema"] = question.form;
    return params;
}

std::optional<HumanAnswer> read_answer(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return std::nullopt;
    const auto action = string_or(*object, "action");
    if (action == "decline") return HumanAnswer{.action = AnswerAction::decline, .content = {}};
    if (action == "cancel") return HumanAnswer{.action = AnswerAction::cancel, .content = {}};
    const auto* content = object_member(*object, "content");
    if (action != "accept" || content == nullptr) return std::nullopt;
    return HumanAnswer{.action = AnswerAction::accept, .content = *content};
}

void take_answers(const json::object& responses, OpenQuestions& questions) {
    std::erase_if(questions.unanswered, [&](const Question& question) {
        const auto* response = responses.if_contains(question.key);
        auto answer = response == nullptr ? std::nullopt : read_answer(*response);
        if (!answer) return false;
        questions.answers[question.key] = *std::move(answer);
        return true;
    });
}

json::object to_json(const OpenQuestions& questions) {
    json::array unanswered;
    for (const auto& question : questions.unanswered)
        unanswered.push_back(
            json::object{{"key", question.key}, {"message", question.message}, {"form", question.form}});
    json::object answers;
    for (const auto& [key, answer] : questions.answers)
        answers[key] = json::object{{"action", name_of(answer.action)}, {"content", answer.content}};
    return {
        {"unanswered", std::move(unanswered)}, {"answers", std::move(answers)}, {"state", questions.state}};
}

std::optional<OpenQuestions> read_questions(const json::object& object) {
    const auto* unanswered = object.if_contains("unanswered");
    const auto* answers = object_member(object, "answers");
    const auto* state = object_member(object, "state");
    if (unanswered == nullptr || !unanswered->is_array() || answers == nullptr || state == nullptr)
        return std::nullopt;

    OpenQuestions questions{.unanswered = {}, .answers = {}, .state = *state};
    for (const auto& item : unanswered->get_array()) {
        const auto* question = item.if_object();
        const auto* form = question == nullptr ? nullptr : object_member(*question, "form");
        if (form == nullptr) return std::nullopt;
        questions.unanswered.push_back(
            {.key = string_or(*question, "key"), .message = string_or(*question, "message"), .form = *form});
    }
    for (const auto& pair : *answers) {
        auto answer = read_answer(pair.value());
        if (!answer) return std::nullopt;
        questions.answers[std::string(pair.key())] = *std::move(answer);
    }
    return questions;
}

}  // namespace casefile::mcp
