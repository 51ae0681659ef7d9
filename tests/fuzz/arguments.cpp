// Arguments of the real tools, {"tool": NAME, "arguments": {…}}, up to the plan of what would be asked:
// schema, SQL lexer, Redis commands, key templates. Nothing is opened and nothing filed.

#include "tests/fakes/fake_kafka_source.h"
#include "tests/fakes/fake_mysql_source.h"
#include "tests/fakes/fake_redis_source.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/temporary_folder.h"
#include "tools/case/tools.h"
#include "tools/diff/tools.h"
#include "tools/environment/tools.h"
#include "tools/evidence/tools.h"
#include "tools/kafka/tools.h"
#include "tools/masking.h"
#include "tools/mysql/cheap_plans.h"
#include "tools/mysql/tools.h"
#include "tools/redis/tools.h"

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
        // All that take a case, and so find none. What else there is takes nothing, or would write.
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
            arguments->get_object(), {.state = state, .env = "STAGING", .limits = tools.limits});
        promise(prepared || names_its_fault(prepared.error()), "a refusal says what is wrong", text);
    } else if (const auto one = tools.record.find(name); one != tools.record.end()) {
        mcp::CallContext context;
        context.principal = "local:1000";
        const auto outcome = one->second->call(arguments->get_object(), context);
        const auto* result = std::get_if<mcp::ToolResult>(&outcome);
        promise(result != nullptr && result->is_error, "what finds no case is refused", text);
    }
    return 0;
}
