#pragma once
// Questions for the human on the wire: the same form in both eras, carried in two ways.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mcp/revision.h"
#include "mcp/tool.h"

namespace casefile::mcp {

/// A call that stands still until a human answered: what the tool asked, what has been answered, what it
/// wants back.
struct OpenQuestions {
    std::vector<Question> unanswered;
    std::map<std::string, HumanAnswer> answers;
    json::object state;
};

/// True when these capabilities of a client let us put a form to the human.
bool can_answer_forms(const json::object& client_capabilities);

/// The params of elicitation/create.
json::object question_params(const Question& question, const Revision& revision);

/// `{action, content}` as a client answers. Nothing when it is no answer, or accepts without an object.
std::optional<HumanAnswer> read_answer(const json::value& value);

/// Moves to `answers` what `responses` (by key) answers; the rest stays open. Other keys are ignored.
void take_answers(const json::object& responses, OpenQuestions& questions);

json::object to_json(const OpenQuestions& questions);
std::optional<OpenQuestions> read_questions(const json::object& object);

}  // namespace casefile::mcp
