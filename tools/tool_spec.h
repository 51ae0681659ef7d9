#pragma once
// How a tool is declared: what it takes, what it gives, what it means to do, and how. make_tool() erases the
// types, so that the pipeline is an ordinary class in an ordinary file. No tool can skip the gate: only the
// pipeline can run one.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/schema.h"
#include "evidence/run.h"
#include "mcp/tool.h"
#include "policy/gate.h"
#include "tools/common_arguments.h"
#include "tools/workbench.h"

namespace casefile::tools {

/// One call while it works. Valid only during the call.
struct Call {
    Workbench& bench;
    mcp::CallContext& context;
    const cases::CaseState& state;  ///< the case when the call began: fields and grants, no runs or entries
    std::string env;                ///< resolved; empty where the tool takes none
    evidence::Run& run;
    std::chrono::steady_clock::time_point deadline;
    const std::string& tool;  ///< as the client called it, with these arguments
    const json::object& arguments;
    json::object& details;  ///< more for the manifest
    mutable std::mutex log_mutex = {};
    sources::Admission admit = {};  ///< who may be asked: what the grants of the call confirmed
    std::function<void(const sources::Endpoint&, const json::object&)> hear = {};  ///< what moved since

    sources::Control control() const {
        return {deadline, context.stop, admit, hear, [this](const std::string& line) { log(line); }};
    }
    /// One line for the log of the run, from any thread of the call.
    void log(const std::string& line) const {
        const std::lock_guard lock(log_mutex);
        run.log(line);
    }
    const std::string& task() const { return run.task(); }
    void progress(double done, std::optional<double> total, const std::string& message) const;
};

/// What a call means to do, worked out from its arguments alone, before any source is touched.
struct Plan {
    std::vector<policy::Intent> intents;  ///< all have to be allowed
    evidence::Script script;              ///< exactly what will be asked
    std::string task;                     ///< default name of the run's files
    std::chrono::seconds time_max{30};
};

/// What planning may look at besides the arguments.
struct Situation {
    const cases::CaseState& state;
    std::string env;
    const std::string& principal;
    const Limits& limits;
};

/// Rows as text, in both channels of an answer: a JSON array of arrays, and the lines of a table as they go
/// into a JSON string.
struct Rows {
    std::string json = "[]", escaped_lines;
};

/// What came out: the structured answer without `run`, and one line for the log and the evidence table.
struct Finished {
    json::object structured;
    std::string summary;
    std::optional<Rows> rows = {};  ///< one more member of the answer
    json::object details = {};      ///< for the manifest
};

using Work = std::function<Result<std::variant<Finished, mcp::NeedsInput>>(Call&)>;

struct Prepared {
    Plan plan;
    Work work;
};

/// A data tool with its types erased: each call of it is filed as a run of a case.
struct GuardedTool {
    mcp::ToolInfo info;
    bool takes_env = true;    ///< has the argument `env`, or inherits it from the case's one grant
    bool env_needed = true;   ///< false: diff names environments within its sides
    bool needs_grant = true;  ///< false: confirm_environment
    std::function<Result<Prepared>(const json::object& own_arguments, const Situation&)> prepare;
};

template <class Args, class Answer>
struct ToolSpec {
    std::string name, title, description;
    Schema<Args> input;  ///< without case, env and task, which the pipeline adds
    Schema<Answer> output;
    std::function<Result<Plan>(const Args&, const Situation&)> plan;
    std::function<Result<std::variant<Answer, mcp::NeedsInput>>(const Args&, Call&)> run;
    std::function<std::string(const Answer&)> summary;
    /// For an answer with a member `rows` that may be large: `output` does not hold it.
    std::function<Rows(Answer&)> rows = {};
    /// What the manifest tells besides the summary, such as the snapshot that was read.
    std::function<json::object(const Answer&)> details = {};
    bool read_only = true;
    bool takes_env = true;
    bool env_needed = true;
    bool needs_grant = true;
    std::string scope = {};  ///< over HTTP, what a caller needs besides "read"
};

/// The schema with what every data tool's answer shares: run and error.
json::object data_output_schema(json::object own);

template <class Args, class Answer>
GuardedTool make_tool(ToolSpec<Args, Answer> declared) {
    GuardedTool tool;
    tool.info = {.name = declared.name,
                 .title = declared.title,
                 .description = declared.description,
                 .input_schema = data_input_schema(declared.input.take_json_schema(), declared.takes_env),
                 .output_schema = data_output_schema(declared.output.take_json_schema()),
                 .read_only = declared.read_only,
                 .scope = declared.scope};
    if (declared.rows)
        tool.info.output_schema["properties"].as_object()["rows"] = {{"type", "array"},
                                                                     {"items", {{"type", "array"}}}};
    tool.takes_env = declared.takes_env;
    tool.env_needed = declared.env_needed;
    tool.needs_grant = declared.needs_grant;
    const auto spec = std::make_shared<const ToolSpec<Args, Answer>>(std::move(declared));
    tool.prepare = [spec](const json::object& own, const Situation& situation) -> Result<Prepared> {
        auto args = spec->input.parse(own);
        if (!args) return args.error();
        auto plan = spec->plan(*args, situation);
        if (!plan) return plan.error();
        Work work = [spec,
                     args = *std::move(args)](Call& call) -> Result<std::variant<Finished, mcp::NeedsInput>> {
            auto came = spec->run(args, call);
            if (!came) return came.error();
            if (auto* question = std::get_if<mcp::NeedsInput>(&*came)) return {std::move(*question)};
            auto& answer = std::get<Answer>(*came);
            Finished finished{spec->output.write(answer), spec->summary(answer)};
            if (spec->details) finished.details = spec->details(answer);
            if (spec->rows) finished.rows = spec->rows(answer);
            return finished;
        };
        return Prepared{*std::move(plan), std::move(work)};
    };
    return tool;
}

/// A tool that works on casefile's own record: no source, no run.
template <class Args, class Answer>
struct RecordSpec {
    std::string name, title, description;
    Schema<Args> input;
    Schema<Answer> output;
    std::function<Result<Answer>(const Args&, mcp::CallContext&)> run;
    bool read_only = true;
    /// What a human should be asked before `run`; nothing when all is there, or nobody can be asked.
    std::function<std::optional<mcp::NeedsInput>(const Args&, const mcp::CallContext&)> ask = {};
};

using RecordWork = std::function<Result<std::variant<json::object, mcp::NeedsInput>>(
    const json::object& arguments, mcp::CallContext&)>;
std::unique_ptr<mcp::Tool> make_record_tool(mcp::ToolInfo info, RecordWork work);
json::object record_output_schema(json::object own);

template <class Args, class Answer>
std::unique_ptr<mcp::Tool> make_record_tool(RecordSpec<Args, Answer> declared) {
    mcp::ToolInfo info{.name = declared.name,
                       .title = declared.title,
                       .description = declared.description,
                       .input_schema = declared.input.take_json_schema(),
                       .output_schema = record_output_schema(declared.output.take_json_schema()),
                       .read_only = declared.read_only};
    const auto spec = std::make_shared<const RecordSpec<Args, Answer>>(std::move(declared));
    return make_record_tool(
        std::move(info),
        [spec](const json::object& arguments,
               mcp::CallContext& context) -> Result<std::variant<json::object, mcp::NeedsInput>> {
            auto args = spec->input.parse(arguments);
            if (!args) return args.error();
            if (spec->ask)
                if (auto question = spec->ask(*args, context)) return {*std::move(question)};
            auto answer = spec->run(*args, context);
            if (!answer) return answer.error();
            return {spec->output.write(*answer)};
        });
}

}  // namespace casefile::tools
