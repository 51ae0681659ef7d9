#pragma once
// Calling the tools of casefile's own record on a bench.

#include "tests/support/tool_bench.h"

namespace casefile::tools {

/// The tool's answer, whatever it is. `arguments` get the bench's case unless they name one.
inline mcp::ToolResult ask_record(ToolBench& bench, std::unique_ptr<mcp::Tool> tool, json::object arguments) {
    const auto& properties = tool->info().input_schema.at("properties").as_object();
    if (properties.contains("case") && !arguments.contains("case")) arguments["case"] = bench.case_id;
    bench.context.principal = bench.principal;
    auto outcome = tool->call(arguments, bench.context);
    auto* result = std::get_if<mcp::ToolResult>(&outcome);
    REQUIRE(result != nullptr);
    return std::move(*result);
}

/// The structured answer of a call that has to succeed.
inline json::object answer_of(ToolBench& bench, std::unique_ptr<mcp::Tool> tool, json::object arguments) {
    auto result = ask_record(bench, std::move(tool), std::move(arguments));
    INFO(result.text);
    REQUIRE_FALSE(result.is_error);
    return std::move(result.structured);
}

/// The message and hint of a call that has to be refused.
inline std::string refusal_of(ToolBench& bench, std::unique_ptr<mcp::Tool> tool, json::object arguments) {
    const auto result = ask_record(bench, std::move(tool), std::move(arguments));
    INFO(result.text);
    REQUIRE(result.is_error);
    const auto& error = result.structured.at("error").as_object();
    return std::string(error.at("message").as_string()) + "; " + string_or(error, "hint");
}

/// Files a run of a tool, and gives its id.
inline std::string filed_run(ToolBench& bench, const std::string& tool, const std::string& summary,
                             json::object arguments = {},
                             evidence::Outcome outcome = evidence::Outcome::answered) {
    evidence::Opening opening;
    opening.tool = tool;
    opening.task = "look";
    opening.env = "DEV";
    opening.principal = bench.principal;
    opening.script = {"json", "{}"};
    opening.arguments = std::move(arguments);
    auto run = bench.cases().store().begin(bench.case_id, std::move(opening)).value();
    const auto id = run.id();
    run.seal(outcome, {{"summary", summary}}).value();
    return id;
}

/// Files an answered kafka_lag with these offsets.
inline std::string filed_lag(ToolBench& bench, const std::string& offsets) {
    evidence::Opening opening;
    opening.tool = "kafka_lag";
    opening.task = "lag";
    opening.env = "DEV";
    opening.principal = bench.principal;
    opening.script = {"json", "{}"};
    auto run = bench.cases().store().begin(bench.case_id, std::move(opening)).value();
    const auto id = run.id();
    run.write_output("kafka_offsets.lag.json", "data", "json", offsets).value();
    run.seal(evidence::Outcome::answered, {{"summary", "measured"}}).value();
    return id;
}

inline bool holds_text(const json::value& value, const std::string& text) {
    return json::serialize(value).find(text) != std::string::npos;
}

}  // namespace casefile::tools
