// casefile call TOOL '{json}': one tool from the shell, with the same policy and the same evidence as the
// server.

#include <unistd.h>

#include <iostream>

#include "app/home.h"
#include "app/installation.h"
#include "app/terminal.h"
#include "app/version.h"
#include "base/log.h"
#include "tools/toolsets.h"

namespace casefile::app {
namespace {

Error wrong_arguments(const std::string& what) {
    return invalid("ARGUMENTS: " + what,
                   "write one JSON object in single quotes: casefile call open_case "
                   R"('{"topic": "order pages show old prices"}')");
}

/// A refusal, or a check that came to its end and found a break.
bool said_no(const mcp::ToolResult& result) {
    const auto* ok = member(result.structured, "ok");
    return result.is_error || (ok != nullptr && *ok == json::value(false));
}

int call(const Options& options, const std::string& name, const std::string& text) {
    set_log_level(options.log_level == "info" ? "warning" : options.log_level);
    auto arguments = parse_json(text);
    if (!arguments) return cannot_start(wrong_arguments(arguments.error().message));
    if (!arguments->is_object())
        return cannot_start(
            wrong_arguments("expected a JSON object, got " + std::string(type_name(*arguments))));
    auto built = Installation::build(options);
    if (!built) return cannot_start(built.error());
    const auto* tool = (*built)->catalog().find_tool(name);
    if (tool == nullptr) {
        std::string known;
        for (const auto& one : (*built)->catalog().tools())
            known += (known.empty() ? "" : ", ") + one->info().name;
        return cannot_start(invalid("no tool is called '" + name + "'", "there are: " + known));
    }
    mcp::CallContext context{.principal = local_principal(),
                             .client = std::string("casefile call ") + version};
    const auto outcome = call_at_terminal(*tool, arguments->get_object(), context);
    if (const auto* error = std::get_if<Error>(&outcome)) return cannot_start(*error);
    const auto* result = std::get_if<mcp::ToolResult>(&outcome);
    if (result == nullptr) return cannot_start(denied(name + " still asks for an answer", "try again"));
    std::cout << (isatty(STDOUT_FILENO) == 1 ? mcp::whole_text(*result) : mcp::structured_text(*result))
              << "\n";
    return said_no(*result) ? exit_no : exit_done;
}

}  // namespace

void add_call(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("call", "One tool from the shell: same policy, same evidence");
    struct Arguments {
        std::string tool, text = "{}";
    };
    const auto given = std::make_shared<Arguments>();
    command->add_option("TOOL", given->tool, "For example query_mysql")->required();
    command->add_option("ARGUMENTS", given->text, "One JSON object, such as '{\"topic\": \"wrong prices\"}'");
    add_shared_options(*command, options);
    command->callback([&, command, given] {
        // A list of tools costs a shell nothing, so every tool can be called from it.
        if (command->count("--toolsets") == 0) options.toolsets = tools::toolset_names();
        action = [&, given] { return call(options, given->tool, given->text); };
    });
}

}  // namespace casefile::app
