// Tools that ask by input_required (revision 2026-07-28, basic/patterns/mrtr), some of them several times.

#include "tests/conformance/server/fixtures.h"

namespace casefile::conformance {
namespace {

const json::object text{{"type", "string"}};
const json::object flag{{"type", "boolean"}};

mcp::Question name_question(std::string key) {
    return form(std::move(key), "What is your name?", {{"name", text}});
}

mcp::Question model_question(std::string key) {
    json::object content{{"type", "text"}, {"text", "What is the capital of France?"}};
    json::array messages{json::object{{"role", "user"}, {"content", std::move(content)}}};
    return {.key = std::move(key),
            .message = {},
            .form = {},
            .asked = mcp::Asked::model,
            .params = {{"messages", std::move(messages)}, {"maxTokens", 100}}};
}

mcp::Question roots_question(std::string key) {
    return {.key = std::move(key), .message = {}, .form = {}, .asked = mcp::Asked::roots};
}

/// Asks until everything is answered, then says `done`.
Function asking(std::function<std::vector<mcp::Question>(const mcp::CallContext&)> questions,
                std::function<std::string(const mcp::CallContext&)> done, bool answers_stand_alone = false) {
    return [=](const json::object&, mcp::CallContext& context) -> mcp::ToolOutcome {
        if (!context.answers.empty()) return said(done(context));
        return mcp::NeedsInput{.questions = questions(context),
                               .state = {},
                               .when_nobody_can_ask = {},
                               .answers_stand_alone = answers_stand_alone};
    };
}

mcp::ToolOutcome ask_in_two_rounds(const json::object&, mcp::CallContext& context) {
    const auto ask = [](mcp::Question question, json::object state) {
        return mcp::NeedsInput{
            .questions = {std::move(question)}, .state = std::move(state), .when_nobody_can_ask = {}};
    };
    if (context.answers.contains("step1"))
        return ask(form("step2", "What is your favorite color?", {{"color", text}}),
                   {{"name", answered(context, "step1", "name")}});
    if (context.answers.contains("step2"))
        return said("Hello, " + string_or(context.state, "name") + "! Your favorite color is " +
                    answered(context, "step2", "color") + ".");
    return ask(name_question("step1"), {});
}

/// Only of what this client declared.
std::vector<mcp::Question> questions_for(const mcp::CallContext& context) {
    std::vector<mcp::Question> out;
    if (context.client_can.sampling) out.push_back(model_question("capital_question"));
    if (context.client_can.forms) out.push_back(name_question("user_name"));
    if (context.client_can.roots) out.push_back(roots_question("client_roots"));
    return out;
}

}  // namespace

void add_round_trip_tools(mcp::Catalog& catalog) {
    const auto add = [&](const std::string& name, Function function) {
        add_tool(catalog, "test_input_required_result_" + name, "Asks by input_required.", {},
                 std::move(function));
    };
    const auto one = [](mcp::Question question) {
        return [question = std::move(question)](const mcp::CallContext&) { return std::vector{question}; };
    };
    const auto always = [](std::string answer) { return [=](const mcp::CallContext&) { return answer; }; };
    const auto agree = form("confirm", "Please confirm.", {{"ok", flag}});

    add("elicitation", asking(
                           one(name_question("user_name")),
                           [](const mcp::CallContext& context) {
                               return "Hello, " + answered(context, "user_name", "name") + "!";
                           },
                           true));
    add("sampling", asking(one(model_question("capital_question")), always("the model answered")));
    add("list_roots", asking(one(roots_question("client_roots")), always("the roots came")));
    add("request_state", asking(one(agree), always("state-ok")));
    add("tampered_state", asking(one(agree), always("state-ok")));
    add("multiple_inputs", asking(
                               [](const mcp::CallContext&) {
                                   return std::vector{name_question("user_name"), model_question("greeting"),
                                                      roots_question("client_roots")};
                               },
                               always("all three answered")));
    add("multi_round", ask_in_two_rounds);
    add("capabilities", asking(questions_for, always("answered")));
}

}  // namespace casefile::conformance
