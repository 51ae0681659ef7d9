// What each prompt has to hold, whatever else it says: the parts of the documents that it was made from.

#include "app/embedded_prompts.h"
#include "base/text.h"
#include "mcp/prompt.h"
#include "tests/support/catch.h"
#include "tests/unit/policy/corpus.h"

using namespace casefile;

namespace {

mcp::Prompt prompt_named(const std::string& name) {
    for (const auto& [file, text] : app::embedded_prompts()) {
        auto prompt = mcp::parse_prompt(text).value();
        if (prompt.name == name) return prompt;
    }
    FAIL("there is no prompt " + name);
    return {};
}

struct Row {
    const char* name;
    std::vector<const char*> arguments, parts;  ///< the parts in their order
};

}  // namespace

TEST_CASE("each prompt holds the parts that it is asked for, in their order, and takes its arguments") {
    const std::vector<Row> table{
        {"investigate",
         {"topic", "env", "case"},
         {"Hard requirements", "its run is the evidence", "Never guess", "localhost",
          "Fingerprints before data", "Workflow", "1. Ask", "show what it finds of earlier cases",
          "3. Propose a plan as a checklist", "database first", "cache", "queue", "diff", "Keep the log",
          "teammate and leader", "learn_handoff"}},
        {"production_issue",
         {"report", "env"},
         {"since when", "scope", "open_case call that you propose", "time_window", "symptoms"}},
        {"frame_problem",
         {"case"},
         {"SYMPTOMS", "SINCE", "FREQUENCY", "USER REPORTS", "CHANGES", "ERROR SAMPLE", "ALREADY CHECKED"}},
        {"phase_gather",
         {"case", "env"},
         {"error logs", "metrics", "recent changes", "access", "fingerprint"}},
        {"plan_hypotheses", {"case"}, {"most probable first", "confirm it", "refute it", "What is missing"}},
        {"stack_trace",
         {"trace", "case"},
         {"What failed at once", "questions", "What to read next", "write_log"}},
        {"no_stack_trace", {"symptom", "flow", "case"}, {"as hops", "silently", "logging"}},
        {"intermittent",
         {"percent", "case"},
         {"Race", "query_mysql", "Exhaustion", "External dependency", "Data-dependent",
          "failing and ten healthy"}},
        {"stuck", {"case", "since"}, {"{{case.findings", "{{case.runs", "{{case.hypotheses"}},
        {"funnel", {"case"}, {"WIDE", "NARROW", "FOCUSED", "FIX"}},
        {"timeline_method",
         {"case", "since"},
         {"{{case.changes", "List all changes", "could it cause this symptom", "explains all the evidence"}},
        {"replication_method", {"case", "env"}, {"Locally", "In staging", "Conditions", "key reproduction"}},
        {"confirm_hypothesis", {"case", "hypothesis"}, {"staging", "setting the state", "evidence"}},
        {"debug_production",
         {"error", "case", "env"},
         {"1. Intake", "2. Fingerprints", "3. Health", "4. Changes", "5. Timeline", "Root cause",
          "Contributing factors", "Error pattern", "Impact", "Blast radius"}},
        {"area_error_rate", {"case", "service"}, {"compute_slo counts", "correlate_minutes"}},
        {"area_performance", {"case", "service"}, {"n times t", "EXPLAIN"}},
        {"area_db_connections", {"case", "env"}, {"1. fingerprint", "health true", "timeline"}},
        {"persona_observability",
         {"case"},
         {"{{case.handoff", "--toolsets observability", "Exit when", "hand_off"}},
        {"persona_backend", {"case"}, {"{{case.handoff", "--toolsets backend", "Exit when", "hand_off"}},
        {"persona_devops", {"case"}, {"never deploys", "{{case.handoff", "--toolsets devops", "Exit when"}},
        {"incident_response_workflow",
         {"case"},
         {"1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "3.1",
          "3.2", "3.3", "3.4", "3.5"}},
        {"immediate_escalation_workflow",
         {"case"},
         {"1. Communicate before looking", "Mitigate", "postmortem is required"}},
        {"standard_incident_workflow",
         {"case"},
         {"persona_observability", "persona_backend", "persona_devops"}},
        {"investigate_and_fix_workflow", {"case"}, {"find_similar", "workaround", "Re-check the symptom"}},
        {"create_ticket_workflow", {"case"}, {"One read that shows", "body of the ticket"}},
        {"specialist_devops",
         {"case", "env"},
         {"RESOURCE STATUS", "DATABASE HEALTH", "RECENT CHANGES", "CORRELATION"}},
        {"specialist_sre",
         {"case", "target"},
         {"SERVICE LEVEL INDICATORS", "ERROR BUDGET", "RECOMMENDATIONS", "POST-INCIDENT ACTIONS"}},
        {"root_cause", {"case"}, {"{{case.runs", "record_analysis exactly this", "\"because\"", "\"runs\""}},
        {"fix_design", {"case"}, {"old and new", "Verification", "record_fix"}},
        {"fix_review", {"case"}, {"Partial failure", "Limits", "Partial availability"}},
        {"fix_safety", {"case"}, {"Fallback", "Logging", "metric"}},
        {"test_plan", {"case"}, {"Unit", "Integration", "Errors", "fails_before", "passes_after"}},
        {"staging_validation",
         {"case", "env"},
         {"1, 5, 10, 20, 50, 100", "measures the time", "casefile attach"}},
        {"deploy_plan",
         {"case"},
         {"## Rollout", "Reviewed", "Canary", "## Metrics", "## Rollback criteria", "previous version",
          "maintenance mode", "## Communication"}},
        {"prevention", {"case"}, {"code-review", "staging-data requirements", "performance test"}},
        {"learn_handoff", {"case"}, {"project: names, tables, topics", "global", "<table>", "refused"}},
        {"teammate_summary",
         {"case"},
         {"250 words", "What happened, Workaround, When it is right again, Data correction plan"}},
        {"postmortem", {"case"}, {"detection_gap", "went_well", "set_action", "leader", "lessons"}},
    };
    for (const auto& row : table) {
        const auto prompt = prompt_named(row.name);
        std::vector<std::string> arguments;
        for (const auto& argument : prompt.arguments) arguments.push_back(argument.name);
        INFO(row.name);
        CHECK(arguments == std::vector<std::string>(row.arguments.begin(), row.arguments.end()));
        std::size_t at = 0;
        for (const auto* part : row.parts) {
            INFO(part);
            const auto found = prompt.text.find(part, at);
            REQUIRE(found != std::string::npos);
            at = found;
        }
    }
}

TEST_CASE("a statement in a prompt can be sent as it stands: it is one of those that a server answered") {
    std::vector<std::string> answered;
    for (const auto& line : policy::read_corpus("sql_allow.tsv")) answered.push_back(line.text);
    std::size_t statements = 0;
    for (const auto& [file, text] : app::embedded_prompts()) {
        const auto parts = split(text, '`');
        for (std::size_t i = 0; i < parts.size(); ++i) {
            INFO(file << ": " << parts[i]);
            const bool quoted = i % 2 == 1;
            for (const std::string word : {"SHOW ", "SELECT ", "EXPLAIN SELECT "}) {
                if (!quoted) CHECK(parts[i].find(word) == std::string::npos);
                if (!quoted || !parts[i].starts_with(word)) continue;
                ++statements;
                CHECK(std::find(answered.begin(), answered.end(), parts[i]) != answered.end());
            }
        }
    }
    CHECK(statements >= 2);
}
