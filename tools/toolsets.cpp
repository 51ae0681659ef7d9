#include "tools/toolsets.h"

#include "tools/call_pipeline.h"
#include "tools/case/tools.h"
#include "tools/diff/tools.h"
#include "tools/environment/tools.h"
#include "tools/evidence/tools.h"
#include "tools/kafka/tools.h"
#include "tools/mysql/tools.h"
#include "tools/redis/tools.h"

namespace casefile::tools {

void add_default_tools(mcp::Catalog& catalog, Workbench& bench) {
    const auto guarded = [&](GuardedTool tool) { catalog.add(guard(std::move(tool), bench)); };
    catalog.add(environment::list_environments_tool(bench));
    catalog.add(case_record::open_case_tool(bench));
    catalog.add(case_record::get_case_tool(bench));
    catalog.add(case_record::update_case_tool(bench));
    guarded(environment::confirm_environment_tool(bench));
    guarded(environment::fingerprint_tool(bench));
    guarded(mysql::query_tool(bench));
    guarded(mysql::describe_tool(bench));
    guarded(redis::read_tool(bench));
    guarded(redis::scan_tool(bench));
    guarded(kafka::lag_tool(bench));
    guarded(kafka::read_tool(bench));
    guarded(diff::diff_tool(bench));
    catalog.add(case_record::write_log_tool(bench));
    catalog.add(case_record::timeline_tool(bench));
    catalog.add(evidence_record::read_evidence_tool(bench));
    catalog.add(evidence_record::verify_evidence_tool(bench));
    catalog.add(case_record::draft_postmortem_tool(bench));
}

}  // namespace casefile::tools
