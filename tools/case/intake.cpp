#include "tools/case/intake.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::case_record {
namespace {

constexpr const char* question_key = "intake";
constexpr int answer_length_max = 500;

struct Missing {
    bool env = false, ids = false, window = false, symptoms = false;
    bool any() const { return env || ids || window || symptoms; }
};

Missing missing_in(const cases::CaseFields& told) {
    const auto window = told.time_window.value_or(cases::TimeWindow{});
    const auto symptoms = told.symptoms.value_or(cases::Symptoms{});
    return {.env = told.env.value_or("").empty(),
            .ids = !told.entity_ids || told.entity_ids->empty(),
            .window = window.start.empty() && window.end.empty(),
            .symptoms = symptoms.expected.empty() || symptoms.actual.empty()};
}

void add_field(json::object& properties, const char* name, const char* title) {
    properties[name] = {{"type", "string"}, {"title", title}, {"maxLength", answer_length_max}};
}

std::string answer(const json::object& content, const char* name) {
    return std::string(trim(string_or(content, name)));
}

/// "order 4711, user 7": kind and id; an id without a kind goes under "id".
json::object ids_of(const std::string& text) {
    json::object ids;
    for (const auto& part : split(text, ',')) {
        const auto one = trim(part);
        if (one.empty()) continue;
        const auto space = one.find_last_of(" :=");
        const auto kind =
            space == std::string_view::npos ? std::string_view("id") : trim(one.substr(0, space));
        const auto id = space == std::string_view::npos ? one : trim(one.substr(space + 1));
        auto& list = ids[kind.substr(0, kind.find_last_not_of(" :=") + 1)];
        if (!list.is_array()) list.emplace_array();
        list.get_array().emplace_back(id);
    }
    return ids;
}

}  // namespace

std::optional<mcp::NeedsInput> ask_for_missing(const cases::CaseFields& told,
                                               const mcp::CallContext& context) {
    const auto missing = missing_in(told);
    if (!missing.any() || !context.client_can.forms || context.answers.contains(question_key))
        return std::nullopt;
    json::object properties;
    if (missing.env) add_field(properties, "env", "Environment that shows it, for example STAGING");
    if (missing.ids) add_field(properties, "entity_ids", "Ids, for example order 4711, user 7");
    if (missing.window) {
        add_field(properties, "start", "From when, for example 2026-11-22T14:00:00+01:00");
        add_field(properties, "end", "Until when; empty if it goes on");
        add_field(properties, "timezone", "Time zone of the report, for example Europe/Berlin");
    }
    if (missing.symptoms) {
        add_field(properties, "expected", "What was expected");
        add_field(properties, "actual", "What is seen instead");
    }
    mcp::NeedsInput needs;
    needs.questions.push_back(
        {.key = question_key,
         .message = "New case: " + printable(shorten(told.topic.value_or(""), 200)) +
                    "\nWhat is known of it? Leave empty what is not; it can be told later.",
         .form = {{"type", "object"}, {"properties", std::move(properties)}}});
    needs.answers_stand_alone = true;
    return needs;
}

std::vector<std::string> open_questions(const Workbench& bench, const cases::CaseState& state) {
    auto questions = state.questions();
    const auto env = state.fields.env.value_or("");
    const auto known = bench.sources.environments();
    if (!env.empty() && !known.empty() && std::ranges::find(known, env) == known.end())
        questions.insert(questions.begin(), "env: no environment is called '" + printable(shorten(env, 64)) +
                                                "'; there are: " + join(known, ", ") +
                                                "; which one shows it?");
    return questions;
}

cases::CaseFields with_answers(cases::CaseFields told, const mcp::CallContext& context) {
    const auto answered = context.answers.find(question_key);
    if (answered == context.answers.end() || answered->second.action != mcp::AnswerAction::accept)
        return told;
    const auto& content = answered->second.content;
    const auto missing = missing_in(told);
    if (const auto env = answer(content, "env"); missing.env && !env.empty()) told.env = env;
    if (const auto ids = ids_of(answer(content, "entity_ids")); missing.ids && !ids.empty())
        told.entity_ids = ids;
    if (missing.window) {
        const cases::TimeWindow window{answer(content, "start"), answer(content, "end"),
                                       answer(content, "timezone")};
        const auto start = parse_rfc3339(window.start), end = parse_rfc3339(window.end);
        // A window that ends before it begins is asked for again, not refused: the case has to be opened.
        const bool sound = !start || !end || *start <= *end;
        if (sound && !(window.start + window.end + window.timezone).empty()) told.time_window = window;
    }
    if (missing.symptoms) {
        auto symptoms = told.symptoms.value_or(cases::Symptoms{});
        if (symptoms.expected.empty()) symptoms.expected = answer(content, "expected");
        if (symptoms.actual.empty()) symptoms.actual = answer(content, "actual");
        if (!(symptoms.expected + symptoms.actual).empty()) told.symptoms = symptoms;
    }
    return told;
}

}  // namespace casefile::tools::case_record
