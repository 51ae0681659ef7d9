#include "tools/toolsets.h"

#include <algorithm>

#include "base/text.h"
#include "tools/admin/tools.h"
#include "tools/brief_tool.h"
#include "tools/call_pipeline.h"
#include "tools/case/tools.h"
#include "tools/diff/tools.h"
#include "tools/environment/tools.h"
#include "tools/evidence/tools.h"
#include "tools/kafka/tools.h"
#include "tools/mysql/tools.h"
#include "tools/redis/tools.h"
#include "tools/work/tools.h"

namespace casefile::tools {
namespace {

/// One tool, and the toolsets that have it, apart by spaces. Its name is written here too: who asks for the
/// names of tools that are not on offer need not make them.
struct Offer {
    const char* toolsets;
    const char* name;
    std::unique_ptr<mcp::Tool> (*make)(Workbench& bench);
};

/// A tool of casefile's own record as it is; a data tool behind the gate.
template <auto make>
std::unique_ptr<mcp::Tool> offered(Workbench& bench) {
    if constexpr (std::is_same_v<decltype(make(bench)), GuardedTool>)
        return guard(make(bench), bench);
    else
        return make(bench);
}

/// A tool of the smaller toolsets.
template <auto make>
std::unique_ptr<mcp::Tool> brief(Workbench& bench) {
    return with_brief_output(make(bench));
}

/// Its second argument is for tests.
GuardedTool kafka_lag_tool(Workbench& bench) { return kafka::lag_tool(bench); }

// default: a whole investigation. work: planning, deciding, measuring, handing over. admin: over all cases.
// observability, backend, devops: what one stage of an incident needs, and no more.
constexpr Offer offers[] = {
    {"default observability", "list_environments", offered<environment::list_environments_tool>},
    {"default observability", "open_case", offered<case_record::open_case_tool>},
    {"default observability backend devops", "get_case", offered<case_record::get_case_tool>},
    {"default observability backend devops", "update_case", offered<case_record::update_case_tool>},
    {"default observability backend devops", "confirm_environment",
     offered<environment::confirm_environment_tool>},
    {"default observability backend devops", "fingerprint", offered<environment::fingerprint_tool>},
    {"default observability backend devops", "query_mysql", offered<mysql::query_tool>},
    {"default backend", "describe_mysql", offered<mysql::describe_tool>},
    {"default observability backend devops", "read_redis", offered<redis::read_tool>},
    {"default backend", "scan_redis", offered<redis::scan_tool>},
    {"default observability backend devops", "kafka_lag", offered<kafka_lag_tool>},
    {"default backend", "read_kafka", offered<kafka::read_tool>},
    {"default backend devops", "diff", offered<diff::diff_tool>},
    {"default observability backend devops", "write_log", offered<case_record::write_log_tool>},
    {"default observability devops", "timeline", offered<case_record::timeline_tool>},
    {"default backend", "read_evidence", offered<evidence_record::read_evidence_tool>},
    {"default devops", "verify_evidence", offered<evidence_record::verify_evidence_tool>},
    {"default devops", "draft_postmortem", offered<case_record::draft_postmortem_tool>},
    {"work backend", "set_plan", brief<work::set_plan_tool>},
    {"work backend", "set_hypothesis", brief<work::set_hypothesis_tool>},
    {"work devops", "set_action", brief<work::set_action_tool>},
    {"work observability", "set_impact", brief<work::set_impact_tool>},
    {"work observability devops", "compute_slo", brief<work::compute_slo_tool>},
    {"work observability backend devops", "hand_off", brief<work::hand_off_tool>},
    {"work backend", "record_analysis", brief<work::record_analysis_tool>},
    {"work backend", "record_fix", brief<work::record_fix_tool>},
    {"work devops", "draft_document", brief<work::draft_document_tool>},
    {"work", "find_runbook", brief<work::find_runbook_tool>},
    {"work observability backend devops", "next_step", brief<work::next_step_tool>},
    {"admin", "list_cases", brief<admin::list_cases_tool>},
    {"admin", "search_notes", brief<admin::search_notes_tool>},
    {"admin", "get_stats", brief<admin::get_stats_tool>},
    {"admin", "export_page", brief<admin::export_page_tool>},
    {"admin", "learn", brief<admin::learn_tool>},
    {"admin", "save_pattern", brief<admin::save_pattern_tool>},
    {"admin", "find_similar", brief<admin::find_similar_tool>},
};

}  // namespace

const std::vector<std::string>& toolset_names() {
    static const std::vector<std::string> names{"default",       "work",    "admin",
                                                "observability", "backend", "devops"};
    return names;
}

void add_tools(mcp::Catalog& catalog, Workbench& bench, const std::vector<std::string>& toolsets) {
    for (const auto& offer : offers) {
        const auto has = split(offer.toolsets, ' ');
        if (std::find_first_of(has.begin(), has.end(), toolsets.begin(), toolsets.end()) != has.end())
            catalog.add(offer.make(bench));
    }
}

ToolsetOf tools_beyond_default() {
    ToolsetOf out;
    for (const auto& offer : offers)
        for (const auto& toolset : split(offer.toolsets, ' '))
            if (toolset == "work" || toolset == "admin") out[offer.name] = toolset;
    return out;
}

}  // namespace casefile::tools
