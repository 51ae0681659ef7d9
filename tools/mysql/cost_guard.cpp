#include "tools/mysql/cost_guard.h"

#include <cmath>

#include "base/hash.h"
#include "base/text.h"
#include "tools/answer_shape.h"
#include "tools/environment/human_word.h"
#include "tools/mysql/cheap_plans.h"

namespace casefile::tools::mysql {
namespace {

constexpr const char* answer_key = "cost";
/// The estimate moves between the question and the answer; within this factor the human's word still counts.
constexpr double may_have_grown = 1.5;
constexpr std::size_t steps_shown = 8;

/// 52481234 becomes "52,000,000": the estimate is no more exact than that.
std::string about(double rows) {
    const auto digits = rows < 100 ? 0 : static_cast<int>(std::floor(std::log10(rows))) - 1;
    const auto unit = std::pow(10.0, digits);
    auto text = std::to_string(static_cast<std::uint64_t>(std::min(1e18, std::round(rows / unit) * unit)));
    for (auto at = std::ssize(text) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

std::int64_t whole(double rows) { return static_cast<std::int64_t>(std::min(9e18, std::ceil(rows))); }

std::string words_of(const policy::PlanStep& step) {
    auto words = printable(shorten(step.table, 64)) + ": about " + about(step.rows_read()) + " rows";
    if (step.access == "ALL")
        words += ", the whole table is scanned";
    else if (!step.key.empty())
        words += ", by index " + printable(shorten(step.key, 64)) + " (" + printable(step.access) + ")";
    if (step.times > 1) words += ", " + about(step.times) + " times over";
    return words;
}

json::array steps_of(const policy::PlanCost& cost) {
    json::array out;
    for (const auto& step : cost.steps) {
        if (out.size() == steps_shown) break;
        out.push_back(json::object{{"table", step.table},
                                   {"access", step.access},
                                   {"key", step.key},
                                   {"rows", whole(step.rows_read())}});
    }
    return out;
}

HumanAsked asked_for(const std::string& env) {
    return {.env = env,
            .title = "Read that much of " + env,
            .refusal = "the statement was not run",
            .again =
                "ask for less, or call the tool again; the human types the label exactly, or answers where "
                "the answer counts"};
}

}  // namespace

CostGuard::CostGuard(Call& call) : call_(call) { take_answer(); }

/// Takes what the human said to the question of the call before this one. The state is sealed: what it holds
/// is what this guard wrote.
void CostGuard::take_answer() {
    const auto& state = call_.context.state;
    if (const auto* before = state.if_contains("accepted"); before != nullptr && before->is_array())
        accepted_ = before->get_array();
    const auto* asked = state.if_contains("asked");
    const auto answer = call_.context.answers.find(answer_key);
    if (asked == nullptr || !asked->is_object() || answer == call_.context.answers.end()) return;
    auto one = asked->get_object();
    const auto said = check_human_answer(call_.bench.rules, answer->second, asked_for(string_or(one, "env")));
    if (!said) {
        refusal_ = said.error();
        return;
    }
    one["how"] = answer->second.how;
    one["by"] = call_.context.principal;
    one["client"] = call_.context.client;
    one["at"] = rfc3339(call_.bench.clock.now());
    one["witness"] = call_.bench.witness;
    accepted_.push_back(std::move(one));
}

double CostGuard::limit_for(const std::string& env) const {
    const auto& limits = call_.bench.limits;
    return static_cast<double>(call_.bench.rules.is_protected(env)
                                   ? std::min(limits.plan_rows_max, limits.plan_rows_protected_max)
                                   : limits.plan_rows_max);
}

sources::mysql::PlanJudge CostGuard::judge(const sources::Endpoint& endpoint, const std::string& sql,
                                           std::optional<std::uint64_t> rows_wanted) {
    if (refusal_) return [error = *refusal_](const auto&) -> Result<void> { return error; };
    if (!policy::is_worth_explaining(sql)) return {};
    if (auto known = call_.bench.cheap_plans.find(endpoint.variable, sql, call_.bench.clock.now())) {
        note(*std::move(known));
        return {};
    }
    return [this, statement = Statement{.env = endpoint.env,
                                        .variable = endpoint.variable,
                                        .sql = sql,
                                        .digest = sha256_hex(endpoint.variable + "\n" + sql),
                                        .rows_wanted = rows_wanted}](
               const Result<sources::mysql::Plan>& plan) { return weigh(statement, plan); };
}

Result<void> CostGuard::weigh(const Statement& statement, const Result<sources::mysql::Plan>& plan) {
    const auto limit = limit_for(statement.env);
    json::object noted{{"env", statement.env}, {"at", rfc3339(call_.bench.clock.now())}};
    if (!plan) {
        // The statement itself tells what is wrong with it. Where only its plan is kept from the account (a
        // view over tables that it may not read), the time limit is what is left.
        noted["not_known"] = plan.error().message;
        note(std::move(noted));
        return {};
    }
    auto cost = policy::cost_of_plan(plan->columns, plan->rows);
    if (policy::stops_at_first_rows(statement.sql)) {
        const auto limited = policy::rows_limited_to(statement.sql);
        const auto wanted =
            std::min(limited.value_or(UINT64_MAX), statement.rows_wanted.value_or(UINT64_MAX));
        cost.rows_read = std::min(cost.rows_read, static_cast<double>(wanted));
    }
    noted["rows_estimated"] = whole(cost.rows_read);
    noted["rows_max"] = whole(limit);
    noted["tables"] = steps_of(cost);
    const auto* acceptance = cost.rows_read > limit ? acceptance_of(statement, cost.rows_read) : nullptr;
    if (acceptance != nullptr) noted["accepted"] = *acceptance;
    if (cost.rows_read <= limit)
        call_.bench.cheap_plans.note(statement.variable, statement.sql, noted, call_.bench.clock.now());
    note(std::move(noted));
    if (cost.rows_read <= limit || acceptance != nullptr) return {};
    return put_question(statement, cost, limit);
}

const json::object* CostGuard::acceptance_of(const Statement& statement, double rows) const {
    for (const auto& one : accepted_) {
        const auto& said = one.as_object();
        const auto* accepted = said.if_contains("rows_estimated");
        if (string_or(said, "statement_sha256") == statement.digest && accepted != nullptr &&
            accepted->is_int64() && rows <= may_have_grown * static_cast<double>(accepted->get_int64()))
            return &said;
    }
    return nullptr;
}

Result<void> CostGuard::put_question(const Statement& statement, const policy::PlanCost& cost, double limit) {
    const auto& env = statement.env;
    const auto too_much = "this statement would read about " + about(cost.rows_read) + " rows of " + env +
                          ", by the server's estimate; more than " + about(limit) + " need a human's word";
    const auto advice = policy::index_advice(statement.sql, cost);
    const auto* most = policy::heaviest(cost);
    const auto where = most == nullptr ? std::string() : "; most of it " + words_of(*most);

    std::string message = "T" + too_much.substr(1) + ". It reads:";
    std::size_t shown = 0;
    for (const auto& step : cost.steps)
        if (shown++ < steps_shown) message += "\n- " + words_of(step);
    message += "\nInstead: " + advice + ".\nIt ends by itself when its time is over. Run it all the same?";

    const bool terminal = call_.bench.rules.needs_terminal(env);
    auto nobody = refused(
        denied(
            too_much + where + (terminal ? "; the configuration demands that it is given at a terminal" : ""),
            advice + "; or tell the user to run it at a terminal and answer there: casefile call " +
                call_.tool + " " + shell_quoted(canonical(call_.arguments)) + call_.bench.confirm_options),
        nullptr);
    question_ = mcp::NeedsInput{
        .questions = {question_to_human(call_.bench.rules, answer_key, std::move(message), asked_for(env))},
        .state = {{"accepted", accepted_},
                  {"asked", json::object{{"env", env},
                                         {"statement_sha256", statement.digest},
                                         {"rows_estimated", whole(cost.rows_read)}}}},
        .when_nobody_can_ask = std::move(nobody),
        .only_at_terminal = terminal};
    return denied(too_much + where, advice);
}

std::optional<mcp::NeedsInput> CostGuard::question() && { return std::move(question_); }

void CostGuard::note(json::object plan) {
    const auto* rows = plan.if_contains("rows_estimated");
    call_.log("plan: " + (rows == nullptr ? "not known, " + string_or(plan, "not_known")
                                          : "about " + std::to_string(rows->as_int64()) + " rows to read"));
    auto& plans = call_.details["plans"];
    if (!plans.is_array()) plans = json::array();
    plans.as_array().push_back(std::move(plan));
}

}  // namespace casefile::tools::mysql
