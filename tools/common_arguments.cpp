#include "tools/common_arguments.h"

#include "base/schema.h"
#include "base/text.h"

namespace casefile::tools {
namespace {

constexpr std::size_t task_length_max = 40;

Result<void> take(json::object& arguments, const char* name, std::string& into) {
    const auto* value = arguments.if_contains(name);
    if (value != nullptr && !value->is_null()) {
        if (!value->is_string()) return schema_detail::type_error(name, "a string", *value);
        into = value->get_string();
    }
    arguments.erase(name);
    return {};
}

/// The tool's own schema knows only its own names, and would tell no others.
Result<void> check_names(const json::object& arguments, const json::object& properties) {
    for (const auto& pair : arguments) {
        if (properties.contains(pair.key())) continue;
        std::vector<std::string> known;
        for (const auto& property : properties) known.emplace_back(property.key());
        return schema_detail::unknown_field({}, pair.key(), known);
    }
    return {};
}

}  // namespace

json::object data_input_schema(json::object own, bool takes_env) {
    json::object properties{{"case", {{"type", "string"}, {"description", "Case id from open_case."}}}};
    if (takes_env) properties["env"] = {{"type", "string"}};
    properties["task"] = {{"type", "string"}, {"description", "Names files: [a-z0-9-]{1,40}."}};
    if (const auto* more = own.if_contains("properties"))
        for (const auto& pair : more->get_object()) properties[pair.key()] = pair.value();
    json::array required{"case"};
    if (const auto* more = own.if_contains("required"))
        for (const auto& name : more->get_array()) required.push_back(name);
    own["properties"] = std::move(properties);
    own["required"] = std::move(required);
    return own;
}

Result<CommonArguments> take_common(json::object& arguments, const json::object& schema) {
    const auto& properties = schema.at("properties").get_object();
    if (auto done = check_names(arguments, properties); !done) return done.error();
    CommonArguments common;
    if (auto done = take(arguments, "case", common.case_id); !done) return done.error();
    if (common.case_id.empty()) {
        auto error = schema_detail::missing_field("case");
        error.hint = "open a case with open_case and pass its id as case";
        return error;
    }
    if (properties.contains("env"))
        if (auto done = take(arguments, "env", common.env); !done) return done.error();
    if (auto done = take(arguments, "task", common.task); !done) return done.error();
    if (!common.task.empty() && !is_slug(common.task, task_length_max))
        return invalid("task: expected a slug of [a-z0-9-], 1..40 long, got '" +
                       printable(shorten(common.task, 60)) + "'");
    return common;
}

}  // namespace casefile::tools
