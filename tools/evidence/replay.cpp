#include "tools/evidence/replay.h"

#include <array>
#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "evidence/files.h"
#include "tools/evidence/compare_outputs.h"

namespace casefile::tools::evidence_record {
namespace {

constexpr std::array replayable = {"query_mysql", "describe_mysql", "read_redis", "scan_redis",
                                   "kafka_lag",   "read_kafka",     "diff",       "fingerprint"};
constexpr std::uint64_t input_bytes_max = 64 * 1024 * 1024;

Result<cases::RunLine> find_run(const cases::CaseState& state, const std::string& wanted) {
    if (const auto run = state.run_meant_by(wanted)) return *run;
    return not_found("run: " + state.id + " has no run '" + printable(shorten(wanted, 60)) + "'",
                     "expected a run id or a number; casefile call read_evidence '{\"case\":\"" + state.id +
                         "\"}' lists them");
}

Result<void> check_run(const cases::RunLine& run, const mcp::Catalog& catalog) {
    if (std::find(replayable.begin(), replayable.end(), run.tool) == replayable.end() ||
        catalog.find_tool(run.tool) == nullptr)
        return invalid(
            "run " + std::to_string(run.seq) + " is one of " + run.tool + ", which cannot be asked again",
            "expected a run of " + join({replayable.begin(), replayable.end()}, ", "));
    if (run.sealed_at.empty())
        return invalid(
            "run " + std::to_string(run.seq) + " was never sealed, so there is nothing to compare with",
            "ask the question anew");
    return {};
}

/// The arguments as they were recorded. What is asked is what was signed, or nothing.
Result<json::object> recorded_arguments(Workbench& bench, const std::string& case_id,
                                        const cases::RunLine& run, const mcp::Tool& tool) {
    const auto name = run.task + ".input.json";
    auto record = bench.cases.store().run(case_id, run.run_id);
    if (!record) return record.error();
    const auto file = bench.cases.store().open_file(case_id, run.run_id, name);
    if (!file) return file.error();
    const auto text = evidence::read_whole(file->get(), input_bytes_max);
    if (!text) return text.error();
    if (sha256_hex(*text) != record->file(name)->sha256)
        return internal(name + ": the input is not the one that was recorded",
                        "run casefile verify on the case");
    const auto parsed = parse_json(*text);
    const auto* arguments =
        parsed && parsed->is_object() ? member(parsed->get_object(), "arguments") : nullptr;
    if (arguments == nullptr || !arguments->is_object())
        return internal(name + ": expected arguments, got none");
    auto out = arguments->get_object();
    out["case"] = case_id;
    // The names of outputs follow the task; and a case may have more environments by now.
    out["task"] = run.task;
    const auto* properties = member(tool.info().input_schema, "properties");
    if (!run.env.empty() && properties != nullptr && properties->as_object().contains("env"))
        out["env"] = run.env;
    return out;
}

Result<json::array> compare_runs(Workbench& bench, const std::string& case_id, const std::string& then_id,
                                 const std::string& now_id) {
    auto& store = bench.cases.store();
    const auto then = store.run(case_id, then_id), now = store.run(case_id, now_id);
    if (!then || !now) return (then ? now : then).error();
    std::set<std::string> names;
    for (const auto* run : {&*then, &*now})
        for (const auto& file : run->files)
            if (file.role == "output") names.insert(file.path);
    json::array out;
    for (const auto& name : names) {
        const auto *old_file = then->file(name), *new_file = now->file(name);
        if (old_file == nullptr || new_file == nullptr) {
            out.push_back({{"file", name}, {"verdict", old_file == nullptr ? "only now" : "only then"}});
            continue;
        }
        const auto old_output = store.open_file(case_id, then_id, name),
                   new_output = store.open_file(case_id, now_id, name);
        if (!old_output && !then->pruned.contains(name)) return old_output.error();
        if (!new_output && !now->pruned.contains(name)) return new_output.error();
        const int old_file_number = old_output ? old_output->get() : -1,
                  new_file_number = new_output ? new_output->get() : -1;
        auto compared = compare_outputs(name, {old_file_number, old_file->bytes, old_file->sha256},
                                        {new_file_number, new_file->bytes, new_file->sha256});
        if (!compared) return compared.error();
        out.push_back(*std::move(compared));
    }
    return out;
}

std::string line_of(const json::object& file) {
    const auto count = [&](const char* name) {
        const auto* value = file.if_contains(name);
        return value == nullptr ? std::string("0") : canonical(*value);
    };
    auto line = "  " + string_or(file, "file") + ": " + string_or(file, "verdict");
    if (file.contains("rows_same"))
        line += ", rows: " + count("rows_same") + " the same, " + count("rows_only_then") + " only then, " +
                count("rows_only_now") + " only now" +
                (file.contains("reordered") ? ", in another order" : "");
    if (file.contains("columns_now"))
        line +=
            ", columns then " + string_or(file, "columns_then") + ", now " + string_or(file, "columns_now");
    if (file.contains("values_differ"))
        line += ", " + count("values_differ") + " values differ, and " + count("times_differ") +
                " that tell when it was read";
    if (file.contains("note")) line += ", " + string_or(file, "note");
    return line + "\n";
}

/// The first differences, as a person reads them.
std::string text_of(const json::object& difference) {
    constexpr std::size_t shown_max = 10;
    const auto& then = difference.at("then").as_object();
    const auto& now = difference.at("now").as_object();
    std::string out = "run " + canonical(then.at("seq")) + " of " + string_or(then, "sealed_at") + " (" +
                      string_or(then, "outcome") + "), asked again as run " + canonical(now.at("seq")) +
                      " (" + string_or(now, "outcome") +
                      "): " + (difference.at("same").as_bool() ? "nothing changed" : "changed") + "\n";
    for (const auto& one : difference.at("files").as_array()) {
        const auto& file = one.as_object();
        out += line_of(file);
        for (const auto& [name, sign] : {std::pair{"only_then", "    - "}, std::pair{"only_now", "    + "}})
            if (const auto* rows = file.if_contains(name))
                for (std::size_t i = 0; i < std::min(rows->as_array().size(), shown_max); ++i)
                    out += sign + std::string(rows->as_array()[i].as_string()) + "\n";
        if (const auto* values = file.if_contains("differences"))
            for (std::size_t i = 0; i < std::min(values->as_array().size(), shown_max); ++i) {
                const auto& value = values->as_array()[i].as_object();
                out += "    " + string_or(value, "path") + ": " + canonical(value.at("then")) + " -> " +
                       canonical(value.at("now")) + "\n";
            }
    }
    return out;
}

json::object told(const cases::RunLine& run) {
    return {{"run", run.run_id},     {"seq", run.seq},         {"tool", run.tool},
            {"env", run.env},        {"outcome", run.outcome}, {"sealed_at", run.sealed_at},
            {"summary", run.summary}};
}

Result<evidence::Receipt> file_difference(Workbench& bench, const cases::CaseState& state,
                                          const cases::RunLine& then, const json::object& difference,
                                          const mcp::CallContext& context) {
    const json::object arguments{{"case", state.id}, {"run", then.run_id}};
    auto run = bench.cases.store().begin(state.id, {.tool = "replay",
                                                    .task = slug("replay-" + then.task, 40),
                                                    .env = then.env,
                                                    .principal = context.principal,
                                                    .client = context.client,
                                                    .traceparent = context.traceparent.value_or(""),
                                                    .script = {"json", canonical(arguments)},
                                                    .arguments = arguments,
                                                    .context = state.context(),
                                                    .grant = {}});
    if (!run) return run.error();
    auto done =
        run->write_output("diff." + run->task() + ".json", "data", "json", canonical(difference) + "\n");
    if (!done) {
        // Its own failure is told first: the disk that refused the file may refuse the seal as well.
        (void)run->seal(evidence::Outcome::failed, {{"summary", shorten(done.error().message, 200)}});
        return done.error();
    }
    const bool same = difference.at("same").as_bool();
    return run->seal(evidence::Outcome::answered,
                     {{"summary", "run " + std::to_string(then.seq) +
                                      " asked again: " + (same ? "nothing changed" : "changed")}});
}

/// The run that the tool made now; what refused it, where nothing was read.
Result<std::string> run_of(const mcp::ToolOutcome& outcome) {
    if (const auto* error = std::get_if<Error>(&outcome)) return *error;
    const auto* result = std::get_if<mcp::ToolResult>(&outcome);
    if (result == nullptr) return denied("the tool still asks a human", "replay it at a terminal");
    const auto* made = result->structured.if_contains("run");
    if (made == nullptr) return unavailable("nothing was asked: " + printable(shorten(result->text, 300)));
    return string_or(made->as_object(), "id");
}

}  // namespace

Result<Replayed> replay(Workbench& bench, const mcp::Catalog& catalog, const std::string& case_id,
                        const std::string& run, mcp::CallContext& context, const CallTool& call) {
    auto state = bench.cases.find(case_id, context.principal);
    if (!state) return state.error();
    const auto then = find_run(*state, run);
    if (!then) return then.error();
    if (auto checked = check_run(*then, catalog); !checked) return checked.error();
    const auto& tool = *catalog.find_tool(then->tool);
    const auto arguments = recorded_arguments(bench, case_id, *then, tool);
    if (!arguments) return arguments.error();

    const auto outcome = call(tool, *arguments);
    const auto now_id = run_of(outcome);
    if (!now_id) return now_id.error();
    state = bench.cases.find(case_id, context.principal);
    if (!state) return state.error();
    const auto now = find_run(*state, *now_id);
    if (!now) return now.error();
    if (now->outcome == "refused")
        return denied(
            "run " + std::to_string(then->seq) + " is refused now, as run " + std::to_string(now->seq) +
                ": " + now->summary,
            std::get<mcp::ToolResult>(outcome).structured.contains("error")
                ? string_or(std::get<mcp::ToolResult>(outcome).structured.at("error").as_object(), "hint")
                : "");
    auto files = compare_runs(bench, case_id, then->run_id, now->run_id);
    if (!files) return files.error();
    bool same = then->outcome == now->outcome;
    for (const auto& file : *files) {
        const auto verdict = string_or(file.as_object(), "verdict");
        same = same && (verdict == "identical" || verdict == times_only);
    }
    Replayed out{
        same, {{"same", same}, {"then", told(*then)}, {"now", told(*now)}, {"files", std::move(*files)}}, {}};
    const auto receipt = file_difference(bench, *state, *then, out.difference, context);
    if (!receipt) return receipt.error();
    if (auto done = bench.cases.refresh(case_id, true); !done) return done.error();
    out.text = text_of(out.difference) + "filed as run " + std::to_string(receipt->seq) + ": " +
               receipt->folder.string() + "\n";
    return out;
}

}  // namespace casefile::tools::evidence_record
