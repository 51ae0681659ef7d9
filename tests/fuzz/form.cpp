// Answers to forms: the first line is the form, the second what the client filled in.

#include "mcp/form.h"
#include "mcp/question.h"
#include "tests/fuzz/fuzz.h"

using namespace casefile;
using namespace casefile::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of(data, size);
    const auto newline = text.find('\n');
    if (newline == std::string_view::npos) return 0;
    const auto form = parse_json(text.substr(0, newline));
    const auto content = parse_json(text.substr(newline + 1));
    if (!form || !content || !form->is_object()) return 0;
    const auto& asked = form->get_object();

    const mcp::Question question{.key = "confirm", .message = "Sure?", .form = asked};
    mcp::read_answer(question, *content);
    const auto answer = mcp::read_answer(question, json::object{{"action", "accept"}, {"content", *content}});
    const auto* object = content->if_object();
    promise(answer.has_value() == (object != nullptr && mcp::fills_in(asked, *object)),
            "an answer counts exactly when it fills in the form", text);
    return 0;
}
