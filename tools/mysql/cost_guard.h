#pragma once
// Before a statement that would read very much the human is asked, as for a grant. No argument of a tool can
// accept it.

#include "policy/plan_cost.h"
#include "tools/tool_spec.h"

namespace casefile::tools::mysql {

/// Of one call. Judges the plans of its statements, and puts the question for one that costs too much; what
/// the human said to it before comes back with the call's state. Every plan is noted for the manifest.
class CostGuard {
  public:
    explicit CostGuard(Call& call);

    /// For MysqlSource::query; empty where the statement names no table or was cheap a moment ago. Reading
    /// stops after `rows_wanted`, where that is known. The guard has to outlive the query.
    sources::mysql::PlanJudge judge(const sources::Endpoint& endpoint, const std::string& sql,
                                    std::optional<std::uint64_t> rows_wanted);

    /// The question, when a judge ended its query for it.
    std::optional<mcp::NeedsInput> question() &&;

  private:
    struct Statement {
        std::string env, variable, sql, digest;
        std::optional<std::uint64_t> rows_wanted;
    };

    void take_answer();
    double limit_for(const std::string& env) const;
    Result<void> weigh(const Statement& statement, const Result<sources::mysql::Plan>& plan);
    Result<void> put_question(const Statement& statement, const policy::PlanCost& cost, double limit);
    const json::object* acceptance_of(const Statement& statement, double rows) const;
    void note(json::object plan);

    Call& call_;
    json::array accepted_;  ///< what the human allowed in this call: env, statement, rows, how, at
    std::optional<Error> refusal_;
    std::optional<mcp::NeedsInput> question_;
};

}  // namespace casefile::tools::mysql
