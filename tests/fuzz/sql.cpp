// Statements through everything that judges them, shows them and binds their values: none ends the process,
// what is refused says why and what to do, and what is allowed has a shape that can be told.

#include "policy/plan_cost.h"
#include "policy/sql_calls.h"
#include "policy/sql_literals.h"
#include "policy/sql_masks.h"
#include "policy/sql_statement.h"
#include "policy/sql_views.h"
#include "tests/fuzz/fuzz.h"

using namespace casefile;
using namespace casefile::fuzz;

namespace {

bool says_what_to_do(const policy::Verdict& verdict) {
    return verdict.allowed ? verdict.reason.empty() : !verdict.reason.empty() && !verdict.hint.empty();
}

/// Every table has a masked column, so that all rules about them are asked.
std::vector<policy::KnownTable> known(const std::vector<policy::TableName>& names) {
    std::vector<policy::KnownTable> out;
    for (const auto& name : names)
        out.push_back({.name = name, .masked = {{"PASSWORD", "secret"}, {"PIN", "secret"}}});
    return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const policy::MaskRules rules;
    static const policy::MaskToken token = [](policy::MaskLabel label, std::string_view) {
        return "masked:" + std::string(label) + ":00";
    };
    const auto text = text_of(data, size);
    const auto verdict = policy::judge_sql(text);
    promise(says_what_to_do(verdict), "a refusal says why and what to do", text);

    const auto names = policy::tables_of(text);
    const auto masks =
        policy::judge_masks(text, rules, known(names ? *names : std::vector<policy::TableName>()));
    promise(says_what_to_do(masks.verdict), "a refusal says why and what to do", text);
    promise(names || !masks.verdict.allowed, "a statement without a shape is not allowed", text);
    const auto bound = policy::bind_parameters(text, {});
    promise(!verdict.allowed || !bound || *bound == text, "without values nothing is bound", text);

    // These may be asked of statements that are not allowed as well.
    policy::mask_literals(text, rules, token);
    policy::functions_not_everywhere(text);
    policy::is_worth_explaining(text);
    policy::stops_at_first_rows(text);
    policy::rows_limited_to(text);
    policy::index_advice(text, policy::PlanCost{.steps = {policy::PlanStep{.table = "users"}}});
    policy::why_view_is_not_read("shop", text);
    return 0;
}
