#pragma once
// What a tool needs to be called for real: a workbench over an evidence store in a temporary folder, one open
// case, and a human's grant. Sources are the test's own: fakes, or drivers of real servers.
//
//     ToolBench bench;
//     auto& redis = bench.add(std::make_unique<FakeRedisSource>("STAGING"));
//     bench.confirm("STAGING");
//     const auto answer = bench.call(redis::read_tool(bench.work()), {{"commands", …}});

#include <fstream>
#include <iterator>

#include "tests/fakes/manual_clock.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tools/call_pipeline.h"
#include "tools/environment/grants.h"
#include "tools/mysql/cheap_plans.h"

namespace casefile::tools {

class ToolBench {
  public:
    explicit ToolBench(policy::MaskSettings settings = {})
        : masks(std::make_unique<Masks>(policy::MaskRules(std::move(settings)), "a key")) {
        auto opened = evidence::Store::open(folder_.path(), clock);
        REQUIRE(opened);
        store_ = *std::move(opened);
        cases_ = std::make_unique<cases::Casebook>(*store_);
        work_ = std::make_unique<Workbench>(Workbench{.sources = sources,
                                                      .cases = *cases_,
                                                      .rules = rules,
                                                      .limits = limits,
                                                      .clock = clock,
                                                      .problems = {},
                                                      .by_operator = {},
                                                      .states = states_,
                                                      .cheap_plans = cheap_plans_,
                                                      .masks = *masks});
        cases::CaseFields fields;
        fields.topic = "wrong prices";
        auto state = cases_->open(fields, principal);
        REQUIRE(state);
        case_id = state->id;
    }

    /// Adds a source and gives it back, to be scripted and looked at.
    template <class S>
    S& add(std::unique_ptr<S> source) {
        auto& added = *source;
        sources.add(std::move(source));
        return added;
    }

    /// A human's grant for all sources of `env`, without the question.
    void confirm(const std::string& env) {
        const auto found =
            probe(*work_, env, {}, {std::chrono::steady_clock::now() + std::chrono::seconds(15), {}});
        REQUIRE(found.problems.empty());
        const auto given =
            cases_->give(case_id, make_grant(*work_, env, principal, "a tester", "form", found), principal);
        REQUIRE(given);
    }

    /// Calls the tool with `arguments` and the case. `state` and `answers` are those of a second call.
    mcp::ToolOutcome call_once(GuardedTool tool, json::object arguments) {
        arguments["case"] = case_id;
        context.principal = principal;
        context.client = "unit test";
        context.stop = stop.get_token();
        context.progress = [this](double done, std::optional<double>, const std::string&) {
            progress.push_back(done);
        };
        const auto guarded = guard(std::move(tool), *work_);
        auto outcome = guarded->call(arguments, context);
        // As the server does it for a client that knows no tasks.
        if (const auto* work = std::get_if<mcp::LongWork>(&outcome)) return work->run(context);
        return outcome;
    }

    /// The same, for tools that ask no question.
    mcp::ToolResult result(GuardedTool tool, json::object arguments) {
        auto outcome = call_once(std::move(tool), std::move(arguments));
        auto* result = std::get_if<mcp::ToolResult>(&outcome);
        REQUIRE(result != nullptr);
        return std::move(*result);
    }

    /// The structured answer of a call that has to succeed.
    json::object call(GuardedTool tool, json::object arguments) {
        auto came = result(std::move(tool), std::move(arguments));
        INFO(came.text);
        REQUIRE_FALSE(came.is_error);
        return json::parse(mcp::structured_text(came)).as_object();
    }

    /// `error` of a call that has to be refused or to fail.
    json::object refusal(GuardedTool tool, json::object arguments) {
        auto came = result(std::move(tool), std::move(arguments));
        INFO(came.text);
        REQUIRE(came.is_error);
        return came.structured.at("error").as_object();
    }

    /// One file of the run that `answer` names.
    static std::string file(const json::object& answer, const std::string& name) {
        const auto folder = std::filesystem::path(std::string(answer.at("run").at("folder").as_string()));
        std::ifstream in(folder / name, std::ios::binary);
        INFO((folder / name).string());
        REQUIRE(in);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    Workbench& work() { return *work_; }
    cases::Casebook& cases() { return *cases_; }

    const std::string principal = "local:1000";
    std::string case_id;
    ManualClock clock;
    Limits limits;
    policy::Rules rules;
    sources::Directory sources;
    std::unique_ptr<Masks> masks;
    mcp::CallContext context;
    std::stop_source stop;
    std::vector<double> progress;

  private:
    TemporaryFolder folder_;
    SourceStates states_;
    mysql::CheapPlans cheap_plans_;
    std::unique_ptr<evidence::Store> store_;
    std::unique_ptr<cases::Casebook> cases_;
    std::unique_ptr<Workbench> work_;
};

}  // namespace casefile::tools
