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

/// One tool, and the toolsets that have it, apart by spaces.
struct Offer {
    const char* toolsets;
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
    {"default observability", offered<environment::list_environments_tool>},
    {"default observability", offered<case_record::open_case_tool>},
    {"default observability backend devops", offered<case_record::get_case_tool>},
    {"default observability backend devops", offered<case_record::update_case_tool>},
    {"default observability backend devops", offered<environment::confirm_environment_tool>},
    {"default observability backend devops", offered<environment::fingerprint_tool>},
    {"default observability backend devops", offered<mysql::query_tool>},
    {"default backend", offered<mysql::describe_tool>},
    {"default observability backend devops", offered<redis::read_tool>},
    {"default backend", offered<redis::scan_tool>},
    {"default observability backend devops", offered<kafka_lag_tool>},
    {"default backend", offered<kafka::read_tool>},
    {"default backend devops", offered<diff::diff_tool>},
    {"default observability backend devops", offered<case_record::write_log_tool>},
    {"default observability devops", offered<case_record::timeline_tool>},
    {"default backend", offered<evidence_record::read_evidence_tool>},
    {"default devops", offered<evidence_record::verify_evidence_tool>},
    {"default devops", offered<case_record::draft_postmortem_tool>},
    {"work backend", brief<work::set_plan_tool>},
    {"work backend", brief<work::set_hypothesis_tool>},
    {"work devops", brief<work::set_action_tool>},
    {"work observability", brief<work::set_impact_tool>},
    {"work observability devops", brief<work::compute_slo_tool>},
    {"work observability backend devops", brief<work::hand_off_tool>},
    {"work backend", brief<work::record_analysis_tool>},
    {"work backend", brief<work::record_fix_tool>},
    {"work devops", brief<work::draft_document_tool>},
    {"work", brief<work::find_runbook_tool>},
    {"work observability backend devops", brief<work::next_step_tool>},
    {"admin", brief<admin::list_cases_tool>},
    {"admin", brief<admin::search_notes_tool>},
    {"admin", brief<admin::get_stats_tool>},
    {"admin", brief<admin::export_page_tool>},
    {"admin", brief<admin::learn_tool>},
    {"admin", brief<admin::save_pattern_tool>},
    {"admin", brief<admin::find_similar_tool>},
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

std::map<std::string, std::string> tools_beyond_default(Workbench& bench) {
    std::map<std::string, std::string> out;
    for (const auto& offer : offers)
        for (const auto& toolset : split(offer.toolsets, ' '))
            if (toolset == "work" || toolset == "admin") out[offer.make(bench)->info().name] = toolset;
    return out;
}

}  // namespace casefile::tools
