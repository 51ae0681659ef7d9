#pragma once
// Questions on the wire: the same in both eras, carried in two ways.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mcp/revision.h"
#include "mcp/tool.h"

namespace casefile::mcp {

/// A call that stands still until its questions are answered: what the tool asked, what has been answered,
/// what it wants back.
struct OpenQuestions {
    std::vector<Question> unanswered;
    std::map<std::string, HumanAnswer> answers;
    json::object state;
};

/// What these capabilities of a client let us ask it for.
Abilities abilities_of(const json::object& client_capabilities);
/// True when a client with these can be asked all of the questions.
bool can_answer(const Abilities& client, const std::vector<Question>& questions);
/// What a client has to declare to be asked these: {"elicitation": {"form": {}}} and so on.
json::object capabilities_for(const std::vector<Question>& questions);

/// The request that puts the question: {method, params}.
struct QuestionRequest {
    std::string_view method;
    json::object params;
};
QuestionRequest request_for(const Question& question, const Revision& revision);

/// A client's result as an answer. Nothing when it is none: of another shape, or a form not filled in as it
/// asks.
std::optional<HumanAnswer> read_answer(const Question& question, const json::value& result);

/// Moves to `answers` what `responses` (by key) answers; the rest stays open. Other keys are ignored.
void take_answers(const json::object& responses, OpenQuestions& questions);

json::object to_json(const OpenQuestions& questions);
std::optional<OpenQuestions> read_questions(const json::object& object);

}  // namespace casefile::mcp
