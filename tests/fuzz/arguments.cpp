// Arguments of the real tools, {"tool": NAME, "arguments": {…}}, up to the plan of what would be asked:
// schema, SQL lexer, Redis commands, key templates. Nothing is opened and nothing filed.

#include <fstream>

#include "tests/fakes/fake_kafka_source.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/temporary_folder.h"
#include "tools/admin/tools.h"
#include "tools/case/tools.h"
#include "tools/diff/tools.h"
#include "tools/environment/tools.h"
#include "tools/evidence/tools.h"
#include "tools/kafka/tools.h"
#include "tools/masking.h"
#include "tools/mysql/cheap_plans.h"
#include "tools/mysql/tools.h"
#include "tools/redis/tools.h"
#include "tools/work/tools.h"

using namespace casefile;
using namespace casefile::fuzz;

namespace {

struct Tools {
    Tools() {
        sources.add(std::make_unique<sources::mysql::FakeMysqlSource>("STAGING"));
        sources.add(std::make_unique<sources::redis::FakeRedisSource>("STAGING"));
        sources.add(std::make_unique<sources::kafka::FakeKafkaSource>("STAGING"));
        for (auto tool : {tools::environment::confirm_environment_tool(bench),
                          tools::environment::fingerprint_tool(bench), tools::mysql::query_tool(bench),
                          tools::mysql::describe_tool(bench), tools::redis::read_tool(bench),
                          tools::redis::scan_tool(bench), tools::kafka::lag_tool(bench),
                          tools::kafka::read_tool(bench), tools::diff::diff_tool(bench)})
            guarded.emplace(tool.info.name, tool);
        // Those that take a case find none, so nothing grows; the others look over no cases.
        const auto add = [&](std::unique_ptr<mcp::Tool> tool) {
            const auto name = tool->info().name;
            record.emplace(name, std::move(tool));
        };
        add(tools::case_record::update_case_tool(bench));
        add(tools::case_record::write_log_tool(bench));
        add(tools::case_record::timeline_tool(bench));
        add(tools::case_record::draft_postmortem_tool(bench));
        add(tools::evidence_record::read_evidence_tool(bench));
        add(tools::evidence_record::verify_evidence_tool(bench));
        for (auto* make :
             {tools::work::set_plan_tool, tools::work::set_hypothesis_tool, tools::work::set_action_tool,
              tools::work::set_impact_tool, tools::work::compute_slo_tool, tools::work::hand_off_tool,
              tools::work::record_analysis_tool, tools::work::record_fix_tool,
              tools::work::draft_document_tool, tools::work::find_runbook_tool, tools::work::next_step_tool,
              tools::admin::list_cases_tool, tools::admin::search_notes_tool, tools::admin::get_stats_tool,
              tools::admin::export_page_tool, tools::admin::learn_tool, tools::admin::save_pattern_tool,
              tools::admin::find_similar_tool})
            add(make(bench));
        std::filesystem::create_directories(folder.path() / "runbooks");
        std::ofstream(folder.path() / "runbooks" / "lag.md") << "# Lag\n1. kafka_lag\n- page the owner\n";
    }

    TemporaryFolder folder;
    ManualClock clock;
    Limits limits;
    policy::Rules rules;
    sources::Directory sources;
    tools::SourceStates states;
    tools::mysql::CheapPlans cheap_plans;
    tools::Masks masks{policy::MaskRules(policy::MaskSettings{}), "a key"};
    std::unique_ptr<evidence::Store> store = *evidence::Store::open(folder.path(), clock);
    cases::Casebook cases{*store};
    tools::Workbench bench{.sources = sources,
                           .cases = cases,
                           .rules = rules,
                           .limits = limits,
                           .clock = clock,
                           .problems = {},
                           .by_operator = {},
                           .states = states,
                           .cheap_plans = cheap_plans,
                           .masks = masks};
    std::map<std::string, tools::GuardedTool> guarded;
    std::map<std::string, std::unique_ptr<mcp::Tool>> record;
};

bool names_its_fault(const Error& error) {
    return !error.message.empty() && error.kind != ErrorKind::internal;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Tools tools;
    const auto text = text_of(data, size);
    const auto input = parse_json(text);
    if (!input || !input->is_object()) return 0;
    const auto name = string_or(input->get_object(), "tool");
    const auto* arguments = input->get_object().if_contains("arguments");
    if (arguments == nullptr || !arguments->is_object()) return 0;

    if (const auto found = tools.guarded.find(name); found != tools.guarded.end()) {
        const cases::CaseState state;
        const auto prepared = found->second.prepare(
            arguments->get_object(),
            {.state = state, .env = "STAGING", .principal = state.principal, .limits = tools.limits});
        promise(prepared || names_its_fault(prepared.error()), "a refusal says what is wrong", text);
    } else if (const auto one = tools.record.find(name); one != tools.record.end()) {
        mcp::CallContext context;
        context.principal = "local:1000";
        const auto outcome = one->second->call(arguments->get_object(), context);
        const auto* result = std::get_if<mcp::ToolResult>(&outcome);
        promise(result != nullptr, "a tool of the record answers at once", text);
        const auto named = string_or(arguments->get_object(), "case");
        promise(named.empty() || result->is_error, "what finds no case is refused", text);
        const auto* error = result->structured.if_contains("error");
        promise(result->is_error == (error != nullptr && error->is_object()), "a refusal has an error", text);
        promise(!result->is_error || (!string_or(error->get_object(), "message").empty() &&
                                      string_or(error->get_object(), "kind") != "internal"),
                "a refusal says what is wrong", text);
    }
    return 0;
}
