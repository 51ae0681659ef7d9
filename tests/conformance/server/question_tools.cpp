// Tools that ask the human, the model or for the roots, once.

#include "tests/conformance/server/fixtures.h"

namespace casefile::conformance {
namespace {

json::object text_field(const char* description) {
    return {{"type", "string"}, {"description", description}};
}

mcp::Question sample(std::string key, std::string_view prompt) {
    json::object content{{"type", "text"}, {"text", prompt}};
    json::array messages{json::object{{"role", "user"}, {"content", std::move(content)}}};
    return {.key = std::move(key),
            .message = {},
            .form = {},
            .asked = mcp::Asked::model,
            .params = {{"messages", std::move(messages)}, {"maxTokens", 100}}};
}

mcp::NeedsInput ask(std::vector<mcp::Question> questions) {
    return {.questions = std::move(questions), .state = {}, .when_nobody_can_ask = {}};
}

std::string action_of(const mcp::HumanAnswer& answer) {
    constexpr const char* names[] = {"accept", "decline", "cancel"};
    return names[static_cast<int>(answer.action)];
}

/// Asks once and tells the answer.
Function asking(std::function<mcp::Question(const json::object&)> question, std::string intro) {
    return [=](const json::object& arguments, mcp::CallContext& context) -> mcp::ToolOutcome {
        if (context.answers.empty()) return ask({question(arguments)});
        const auto& answer = context.answers.begin()->second;
        return said(intro + action_of(answer) + ", " + json::serialize(answer.content));
    };
}

json::object titled(const char* value, const char* title) { return {{"const", value}, {"title", title}}; }

json::object enum_fields() {
    const json::array options{"option1", "option2", "option3"};
    const json::array choices{titled("value1", "First Option"), titled("value2", "Second Option"),
                              titled("value3", "Third Option")};
    return {
        {"untitledSingle", json::object{{"type", "string"}, {"enum", options}}},
        {"titledSingle", json::object{{"type", "string"}, {"oneOf", choices}}},
        {"legacyEnum", json::object{{"type", "string"},
                                    {"enum", json::array{"opt1", "opt2", "opt3"}},
                                    {"enumNames", json::array{"Option One", "Option Two", "Option Three"}}}},
        {"untitledMulti",
         json::object{{"type", "array"}, {"items", json::object{{"type", "string"}, {"enum", options}}}}},
        {"titledMulti", json::object{{"type", "array"}, {"items", json::object{{"anyOf", choices}}}}}};
}

json::object default_fields() {
    return {{"name", json::object{{"type", "string"}, {"default", "John Doe"}}},
            {"age", json::object{{"type", "integer"}, {"default", 30}}},
            {"score", json::object{{"type", "number"}, {"default", 95.5}}},
            {"status", json::object{{"type", "string"},
                                    {"enum", json::array{"active", "inactive", "pending"}},
                                    {"default", "active"}}},
            {"verified", json::object{{"type", "boolean"}, {"default", true}}}};
}

}  // namespace

mcp::Question form(std::string key, std::string message, json::object properties) {
    return {.key = std::move(key),
            .message = std::move(message),
            .form = {{"type", "object"}, {"properties", std::move(properties)}}};
}

std::string answered(const mcp::CallContext& context, const std::string& key, const std::string& field) {
    const auto found = context.answers.find(key);
    return found == context.answers.end() ? std::string() : string_or(found->second.content, field);
}

void add_question_tools(mcp::Catalog& catalog) {
    add_tool(catalog, "test_sampling", "Asks the client's model.", {{"prompt", text_field("What to ask.")}},
             [](const json::object& arguments, mcp::CallContext& context) -> mcp::ToolOutcome {
                 const auto answer = context.answers.find("answer");
                 if (answer == context.answers.end())
                     return ask({sample("answer", string_or(arguments, "prompt"))});
                 const auto* content = answer->second.content.if_contains("content");
                 const auto text = content == nullptr || !content->is_object()
                                       ? std::string("none")
                                       : string_or(content->get_object(), "text");
                 return said("LLM response: " + text);
             });
    add_tool(catalog, "test_elicitation", "Asks the human for a name and an address.",
             {{"message", text_field("What to tell the human.")}},
             asking(
                 [](const json::object& arguments) {
                     auto question = form("user", string_or(arguments, "message"),
                                          {{"username", text_field("The user's name")},
                                           {"email", text_field("The user's address")}});
                     question.form["required"] = json::array{"username", "email"};
                     return question;
                 },
                 "User response: action: "));
    add_tool(
        catalog, "test_elicitation_sep1034_defaults", "Asks by a form with defaults.", {},
        asking(
            [](const json::object&) { return form("user", "Please review the defaults.", default_fields()); },
            "Elicitation completed: action="));
    add_tool(catalog, "test_elicitation_sep1330_enums", "Asks by a form with every kind of choice.", {},
             asking([](const json::object&) { return form("user", "Please choose.", enum_fields()); },
                    "Elicitation completed: action="));
    add_tool(catalog, "test_missing_capability", "Needs a client whose model it can ask.", {},
             asking([](const json::object&) { return sample("answer", "Hello"); }, ""));
    add_tool(catalog, "test_streaming_elicitation", "Asks the human.", {},
             asking(
                 [](const json::object&) {
                     return form("confirm", "Go on?", {{"ok", json::object{{"type", "boolean"}}}});
                 },
                 ""));
}

}  // namespace casefile::conformance
