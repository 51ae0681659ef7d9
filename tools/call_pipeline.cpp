#include "tools/call_pipeline.h"

#include "base/log.h"
#include "base/text.h"
#include "evidence/imported.h"
#include "evidence/manifest.h"
#include "tools/answer_shape.h"
#include "tools/environment/grants.h"
#include "tools/environment/meant_environment.h"
#include "tools/masked_outcome.h"
#include "tools/resources/links.h"

namespace casefile::tools {
namespace {

std::string task_of(const std::string& asked, const std::string& planned, const std::string& tool) {
    return slug(!asked.empty() ? asked : !planned.empty() ? planned : tool, 40);
}

/// From here on a call is worth a task, for clients that know tasks.
constexpr std::chrono::minutes long_work_begins{1};

/// Everything known about a call before its run is opened. An error here is filed like any other refusal.
struct Attempt {
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    std::string case_id = evidence::unfiled;
    cases::CaseState state;
    std::string env, task;
    std::optional<Prepared> prepared;
    std::vector<cases::GrantPtr> grants;
    std::optional<Error> refusal;
};

mcp::ToolResult answered_with_run(Finished finished, const evidence::Receipt& receipt) {
    finished.structured["run"] = run_member(receipt);
    return answered(std::move(finished.structured), std::move(finished.rows));
}

class DataTool : public mcp::Tool {
  public:
    DataTool(GuardedTool tool, Workbench& bench) : tool_(std::move(tool)), bench_(bench) {}

    const mcp::ToolInfo& info() const override { return tool_.info; }
    mcp::ToolOutcome call(const json::object& arguments, mcp::CallContext& context) const override;

  private:
    mcp::ToolOutcome carry_out(const Attempt& attempt, const json::object& arguments,
                               mcp::CallContext& context) const;
    Attempt attempt_or_fault(const json::object& arguments, mcp::CallContext& context) const;
    Attempt attempt(const json::object& arguments, mcp::CallContext& context) const;
    std::optional<Error> may_we(Attempt& attempt, mcp::CallContext& context) const;
    Result<std::variant<Finished, mcp::NeedsInput>> work(const Attempt& attempt,
                                                         const json::object& arguments, evidence::Run& run,
                                                         json::object& details,
                                                         mcp::CallContext& context) const;
    evidence::Opening opening(const Attempt& attempt, const json::object& arguments,
                              const mcp::CallContext& context) const;

    GuardedTool tool_;
    Workbench& bench_;
};

/// A fault before the run is opened is filed like any other refusal.
Attempt DataTool::attempt_or_fault(const json::object& arguments, mcp::CallContext& context) const {
    try {
        return attempt(arguments, context);
    } catch (const std::exception& fault) {
        log_error("fault tool=" + tool_.info.name + " what=" + printable(fault.what()));
        Attempt faulty;
        faulty.task = task_of("", "", tool_.info.name);
        faulty.refusal =
            internal("a fault within casefile ended this call", "report it with the log of the server");
        return faulty;
    }
}

Attempt DataTool::attempt(const json::object& arguments, mcp::CallContext& context) const {
    Attempt attempt;
    json::object own = arguments;
    auto common = take_common(own, tool_.info.input_schema);
    attempt.task = task_of(common ? common->task : "", "", tool_.info.name);
    if (!common) {
        attempt.refusal = common.error();
        // A refused call that names a case is filed there all the same.
        auto state = bench_.cases.glance(string_or(arguments, "case"), context.principal);
        if (state && state->imported_key.empty()) {
            attempt.case_id = state->id;
            attempt.state = *std::move(state);
        }
        return attempt;
    }
    auto state = bench_.cases.glance(common->case_id, context.principal);
    if (!state) {
        attempt.refusal = state.error();
        return attempt;
    }
    // What was imported is read-only: the refusal is filed beside the cases.
    if (!state->imported_key.empty()) {
        attempt.refusal = evidence::read_only_case(state->id);
        return attempt;
    }
    attempt.case_id = state->id;
    attempt.state = *std::move(state);

    if (tool_.takes_env && (tool_.env_needed || !common->env.empty())) {
        auto env = meant_environment(bench_, "env", common->env, attempt.state, context.principal);
        if (!env) {
            attempt.refusal = env.error();
            return attempt;
        }
        attempt.env = *std::move(env);
    }
    auto prepared = tool_.prepare(own, {attempt.state, attempt.env, context.principal, bench_.limits});
    if (!prepared) {
        attempt.refusal = prepared.error();
        return attempt;
    }
    attempt.task = task_of(common->task, prepared->plan.task, tool_.info.name);
    attempt.prepared = *std::move(prepared);
    attempt.refusal = may_we(attempt, context);
    return attempt;
}

/// Asks the gate for every intent. An environment that the operator confirmed in advance gets its grant here.
std::optional<Error> DataTool::may_we(Attempt& attempt, mcp::CallContext& context) const {
    for (const auto& intent : attempt.prepared->plan.intents) {
        std::optional<policy::GrantView> view;
        if (tool_.needs_grant && intent.action == policy::Intent::Action::read) {
            auto grant = current_grant(bench_, attempt.state.id, intent.env, context);
            if (!grant) return grant.error();
            if (*grant && !(*grant)->suspended.empty())
                return denied(intent.env + " is suspended: " + (*grant)->suspended,
                              "tell the user; confirm_environment shows a human what is there now");
            if (*grant)
                if (auto why = unbound(bench_, **grant)) return why;
            if (*grant) {
                view = view_of(**grant);
                attempt.grants.push_back(*std::move(grant));
            }
        }
        const auto verdict = policy::judge(view, context.principal, intent, bench_.clock.now());
        if (!verdict.allowed) return denied(verdict.reason, verdict.hint);
    }
    return std::nullopt;
}

evidence::Opening DataTool::opening(const Attempt& attempt, const json::object& arguments,
                                    const mcp::CallContext& context) const {
    evidence::Opening opening{
        .tool = tool_.info.name,
        .task = attempt.task,
        .env = attempt.env,
        .principal = context.principal,
        .client = context.client,
        .traceparent = context.traceparent.value_or(""),
        .script = {"json", canonical(arguments)},
        .arguments = arguments,
        .context = attempt.state.context(),
        .grant = {},
        .masks = bench_.masks.told(),
        .shown = [&masks = bench_.masks](std::string_view line) { return masks.text(line); }};
    if (attempt.prepared) opening.script = attempt.prepared->plan.script;
    for (const auto& grant : attempt.grants)
        opening.grant[grant->env] = {{"record", grant->record},
                                     {"confirmed_by", grant->confirmed_by},
                                     {"how", grant->how},
                                     {"given_at", grant->given_at},
                                     {"expires_at", grant->expires_at}};
    return opening;
}

Result<std::variant<Finished, mcp::NeedsInput>> DataTool::work(const Attempt& attempt,
                                                               const json::object& arguments,
                                                               evidence::Run& run, json::object& details,
                                                               mcp::CallContext& context) const {
    const auto deadline = std::chrono::steady_clock::now() + attempt.prepared->plan.time_max;
    Call call{.bench = bench_,
              .context = context,
              .state = attempt.state,
              .env = attempt.env,
              .run = run,
              .deadline = deadline,
              .tool = tool_.info.name,
              .arguments = arguments,
              .details = details};
    // Of those confirmed, the first that turns out to be another ends its grant.
    const auto on_drift = [&](const cases::Grant& grant, const std::string& why) {
        if (auto done = suspend(bench_, attempt.case_id, grant, why); !done) call.log(describe(done.error()));
    };
    std::set<std::string> moved;
    if (!attempt.grants.empty()) admit_only(attempt.grants, on_drift, call, moved);
    try {
        return with_moved(attempt.prepared->work(call), moved);
    } catch (const std::exception& fault) {
        // A bug ends this call, with its run sealed, and not the server.
        log_error("fault tool=" + tool_.info.name + " run=" + run.id() + " what=" + printable(fault.what()));
        return internal("a fault within casefile ended this call", "report it with the log of the server");
    }
}

/// The whole of one call, in the order in which to read it: docs/ARCHITECTURE.md, "One call".
mcp::ToolOutcome DataTool::call(const json::object& arguments, mcp::CallContext& context) const {
    const auto attempt = attempt_or_fault(arguments, context);
    if (attempt.refusal || attempt.prepared->plan.time_max < long_work_begins)
        return carry_out(attempt, arguments, context);
    // A task may wait, and the grant may end meanwhile: the work begins with the same checks again.
    return mcp::LongWork{[this, arguments](mcp::CallContext& later) {
        return carry_out(attempt_or_fault(arguments, later), arguments, later);
    }};
}

mcp::ToolOutcome DataTool::carry_out(const Attempt& attempt, const json::object& arguments,
                                     mcp::CallContext& context) const {
    // Without a durable opening record nothing is asked: a record with holes is worse than a retry.
    auto run = bench_.cases.store().begin(attempt.case_id, opening(attempt, arguments, context));
    if (!run) return refused(run.error(), nullptr);

    json::object details;
    Came came = attempt.refusal ? Came(*attempt.refusal) : work(attempt, arguments, *run, details, context);
    came = masked(std::move(came), bench_.masks);

    auto outcome = evidence::Outcome::answered;
    if (!came) {
        outcome = evidence::outcome_of(came.error());
        details["error"] = {{"kind", name_of(came.error().kind)},
                            {"layer", name_of(came.error().layer)},
                            {"message", came.error().message}};
        details["summary"] = shorten(came.error().message, 200);
    } else if (auto* finished = std::get_if<Finished>(&*came)) {
        for (auto& pair : finished->details) details[pair.key()] = std::move(pair.value());
        details["summary"] = finished->summary;
    } else {
        details["summary"] = "asked the human";
    }
    auto receipt = run->seal(outcome, std::move(details));
    if (!receipt) return refused(receipt.error(), nullptr);
    if (attempt.case_id != evidence::unfiled) bench_.cases.refresh_soon(attempt.case_id);

    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                            attempt.began);
    log_info("call tool=" + tool_.info.name + " case=" + attempt.case_id +
             " env=" + (attempt.env.empty() ? "-" : attempt.env) + " outcome=" + name_of(outcome) +
             " took=" + std::to_string(took.count()) + "ms run=" + evidence::run_number(receipt->seq) +
             " records=" + std::to_string(receipt->record) + " head=" + receipt->sha256 +
             " key=" + receipt->key_fingerprint);

    if (came)
        if (auto* question = std::get_if<mcp::NeedsInput>(&*came)) {
            // A client that cannot ask is told the run as well.
            if (auto& nobody = question->when_nobody_can_ask) {
                nobody = answered_with_run({.structured = std::move(nobody->structured)}, *receipt);
                nobody->is_error = true;
                resources::add_links(*nobody, attempt.case_id, *receipt);
            }
            return std::move(*question);
        }
    auto result = came ? answered_with_run(std::get<Finished>(*std::move(came)), *receipt)
                       : refused(came.error(), &*receipt);
    resources::add_links(result, attempt.case_id, *receipt);
    return result;
}

class RecordTool : public mcp::Tool {
  public:
    RecordTool(mcp::ToolInfo info, RecordWork work) : info_(std::move(info)), work_(std::move(work)) {}

    const mcp::ToolInfo& info() const override { return info_; }

    mcp::ToolOutcome call(const json::object& arguments, mcp::CallContext& context) const override {
        auto came = work_(arguments, context);
        auto* question = came ? std::get_if<mcp::NeedsInput>(&*came) : nullptr;
        const auto* outcome = !came ? name_of(came.error().kind) : question ? "asked" : "answered";
        log_info("call tool=" + info_.name + " outcome=" + outcome);
        if (!came) return refused(came.error(), nullptr);
        if (question != nullptr) return std::move(*question);
        return answered(std::get<json::object>(*std::move(came)));
    }

  private:
    mcp::ToolInfo info_;
    RecordWork work_;
};

/// Answers may hold less than everything (a refusal has `error` alone), and more later; so nothing is
/// required.
json::object relaxed(json::object own) {
    own.erase("required");
    own.erase("additionalProperties");
    if (!own.contains("properties")) own["properties"] = json::object{};
    own["properties"].as_object()["error"] = {{"type", "object"}};
    return own;
}

}  // namespace

std::unique_ptr<mcp::Tool> guard(GuardedTool tool, Workbench& bench) {
    return std::make_unique<DataTool>(std::move(tool), bench);
}

std::unique_ptr<mcp::Tool> make_record_tool(mcp::ToolInfo info, RecordWork work) {
    return std::make_unique<RecordTool>(std::move(info), std::move(work));
}

json::object data_output_schema(json::object own) {
    auto schema = relaxed(std::move(own));
    schema["properties"].as_object()["run"] = {{"type", "object"}};
    return schema;
}

json::object record_output_schema(json::object own) { return relaxed(std::move(own)); }

void Call::progress(double done, std::optional<double> total, const std::string& message) const {
    if (context.progress) context.progress(done, total, message);
}

}  // namespace casefile::tools
