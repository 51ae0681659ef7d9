#include "mcp/question.h"

#include <algorithm>

#include "mcp/form.h"

namespace casefile::mcp {
namespace {

constexpr const char* action_names[] = {"accept", "decline", "cancel"};
constexpr const char* asked_names[] = {"human", "model", "roots"};

template <class Enum, std::size_t Count>
std::optional<Enum> find_named(const char* const (&names)[Count], std::string_view name) {
    for (std::size_t i = 0; i < Count; ++i)
        if (name == names[i]) return static_cast<Enum>(i);
    return std::nullopt;
}

const json::object* object_member(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

json::object question_json(const Question& question) {
    return {{"key", question.key},
            {"message", question.message},
            {"form", question.form},
            {"asked", asked_names[static_cast<int>(question.asked)]},
            {"params", question.params}};
}

std::optional<Question> read_question(const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return std::nullopt;
    const auto* form = object_member(*object, "form");
    const auto* params = object_member(*object, "params");
    const auto asked = find_named<Asked>(asked_names, string_or(*object, "asked"));
    if (form == nullptr || params == nullptr || !asked) return std::nullopt;
    return Question{.key = string_or(*object, "key"),
                    .message = string_or(*object, "message"),
                    .form = *form,
                    .asked = *asked,
                    .params = *params};
}

bool can_be_asked(const Abilities& client, Asked asked) {
    switch (asked) {
        case Asked::human:
            return client.forms;
        case Asked::model:
            return client.sampling;
        case Asked::roots:
            return client.roots;
    }
    return false;
}

}  // namespace

Abilities abilities_of(const json::object& client_capabilities) {
    const auto* elicitation = object_member(client_capabilities, "elicitation");
    return {// An empty object is the older way to declare forms, from before there was another mode.
            .forms = elicitation != nullptr && (elicitation->empty() || elicitation->contains("form")),
            .sampling = object_member(client_capabilities, "sampling") != nullptr,
            .roots = object_member(client_capabilities, "roots") != nullptr};
}

bool can_answer(const Abilities& client, const std::vector<Question>& questions) {
    return std::all_of(questions.begin(), questions.end(),
                       [&](const Question& question) { return can_be_asked(client, question.asked); });
}

json::object capabilities_for(const std::vector<Question>& questions) {
    json::object out;
    for (const auto& question : questions) {
        if (question.asked == Asked::human) out["elicitation"] = json::object{{"form", json::object()}};
        if (question.asked == Asked::model) out["sampling"] = json::object();
        if (question.asked == Asked::roots) out["roots"] = json::object();
    }
    return out;
}

QuestionRequest request_for(const Question& question, const Revision& revision) {
    if (question.asked == Asked::model) return {"sampling/createMessage", question.params};
    if (question.asked == Asked::roots) return {"roots/list", {}};
    json::object params;
    if (revision.elicitation_mode) params["mode"] = "form";
    params["message"] = question.message;
    params["requestedSchema"] = question.form;
    return {"elicitation/create", std::move(params)};
}

std::optional<HumanAnswer> read_answer(const Question& question, const json::value& result) {
    const auto* object = result.if_object();
    if (object == nullptr) return std::nullopt;
    if (question.asked == Asked::model) {
        if (!object->contains("content")) return std::nullopt;
        return HumanAnswer{.action = AnswerAction::accept, .content = *object};
    }
    if (question.asked == Asked::roots) {
        if (const auto* roots = object->if_contains("roots"); roots == nullptr || !roots->is_array())
            return std::nullopt;
        return HumanAnswer{.action = AnswerAction::accept, .content = *object};
    }
    const auto action = find_named<AnswerAction>(action_names, string_or(*object, "action"));
    if (!action) return std::nullopt;
    if (*action != AnswerAction::accept) return HumanAnswer{.action = *action, .content = {}};
    const auto* content = object_member(*object, "content");
    if (content == nullptr || !fills_in(question.form, *content)) return std::nullopt;
    return HumanAnswer{.action = AnswerAction::accept, .content = *content};
}

void take_answers(const json::object& responses, OpenQuestions& questions) {
    std::erase_if(questions.unanswered, [&](const Question& question) {
        const auto* response = responses.if_contains(question.key);
        auto answer = response == nullptr ? std::nullopt : read_answer(question, *response);
        if (!answer) return false;
        questions.answers[question.key] = *std::move(answer);
        return true;
    });
}

json::object to_json(const OpenQuestions& questions) {
    json::array unanswered;
    for (const auto& question : questions.unanswered) unanswered.push_back(question_json(question));
    json::object answers;
    for (const auto& [key, answer] : questions.answers)
        answers[key] = json::object{{"action", action_names[static_cast<int>(answer.action)]},
                                    {"content", answer.content}};
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
        auto question = read_question(item);
        if (!question) return std::nullopt;
        questions.unanswered.push_back(*std::move(question));
    }
    for (const auto& pair : *answers) {
        const auto* answer = pair.value().if_object();
        const auto* content = answer == nullptr ? nullptr : object_member(*answer, "content");
        const auto action = answer == nullptr
                                ? std::nullopt
                                : find_named<AnswerAction>(action_names, string_or(*answer, "action"));
        if (content == nullptr || !action) return std::nullopt;
        questions.answers[std::string(pair.key())] = {.action = *action, .content = *content};
    }
    return questions;
}

}  // namespace casefile::mcp
