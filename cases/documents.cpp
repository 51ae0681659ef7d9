#include "cases/documents.h"

#include "base/text.h"
#include "cases/box_report.h"
#include "cases/communications.h"
#include "cases/draft_writer.h"
#include "cases/markdown.h"
#include "cases/signature.h"
#include "cases/told.h"
#include "cases/vocabulary.h"

namespace casefile::cases {
namespace {

constexpr std::size_t keys_shown_max = 200;

/// A block of text that nothing in it can end.
std::string fenced(const std::string& text, const char* language) {
    std::string fence = "```";
    while (text.find(fence) != std::string::npos) fence += "`";
    return fence + language + "\n" + printable(text, true) + (text.ends_with('\n') ? "" : "\n") + fence;
}

Draft prevention(const CaseState& state, const std::string& key_fingerprint) {
    DraftWriter writer(state, "prevention");
    writer.title("Prevention");
    writer.heading("Why it reached production");
    writer.part("root_cause", "- **Cause:** ");
    writer.part("detection_gap", "- **Detection gap:** ");
    writer.part("went_wrong", "- **In the way:** ");
    writer.heading("1. Code-review item");
    writer.line(
        "- [ ] Does the change contain the pattern that caused this: _[in general words]_?\n"
        "- How to see it in a diff: _[a sign]_\n- Bad: _[example]_\n- Good: _[example]_");
    writer.heading("2. Requirements for staging data");
    writer.line(
        "- Sizes, ages, kinds and volumes as in production: _[numbers from runs]_\n"
        "- Kept up by: _[who, how often]_");
    writer.heading("3. A simple performance test");
    writer.line(
        "- Flow: _[the flow of the case]_\n- Sizes: 1, 5, 10, 20, 50, 100 and the maximum of production\n"
        "- Limit: _[seconds]_\n- Runs in: _[pipeline]_");
    writer.heading("Action items");
    writer.actions();
    writer.heading("Evidence");
    writer.evidence();
    return writer.finish(key_fingerprint);
}

/// Letters and underscores alone: the name of a tool.
bool is_word(std::string_view text) {
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

Draft runbook(const CaseState& state, const std::string& key_fingerprint) {
    DraftWriter writer(state, "runbook");
    writer.title("Runbook");
    writer.heading("Signs");
    writer.fact("Alert", string_or(state.fields.framing.value_or(json::object()), "alert"));
    writer.fact("Signature", signature_of(state));
    writer.symptoms();
    writer.heading("Read, in this order");
    int number = 0;
    std::vector<std::string> seen;
    for (const auto& run : state.runs) {
        // The tool as it is spelled: find_runbook looks for it, and so does who reads.
        if (run.outcome != "answered" || run.tool == "confirm_environment" || !is_word(run.tool) ||
            std::find(seen.begin(), seen.end(), run.tool + run.task) != seen.end())
            continue;
        seen.push_back(run.tool + run.task);
        writer.line(std::to_string(++number) + ". `" + run.tool + "`, " + line_of(run.task, 60) +
                    "; it showed: " + line_of(run.summary, 200) + " (" + link_to_run(run, "../") + ")");
    }
    if (number == 0) writer.miss("runs: which reads showed it?");
    writer.heading("Decide, by people");
    writer.part("workaround", "- ");
    writer.part("recovery", "- ");
    writer.line("- Way back: _[what undoes it]_");
    writer.heading("Cause last time");
    writer.part("root_cause", "- ");
    return writer.finish(key_fingerprint);
}

std::string branch_of(const Entry& fix) { return "hotfix/" + slug(fix.text, 50); }

/// "Fails before" of fails_before.
std::string titled(std::string member) {
    std::replace(member.begin(), member.end(), '_', ' ');
    return upper(member.substr(0, 1)) + member.substr(1);
}

const Entry* fix_named(const std::vector<Entry>& fixes, const std::string& name) {
    for (const auto& fix : fixes)
        if (name.empty() || fix.key == "fix." + name) return &fix;
    return nullptr;
}

void commands(DraftWriter& writer, const CaseState& state, const Entry& fix) {
    const auto branch = branch_of(fix);
    const auto patch_name = slug(fix.key.substr(4), 30) + ".patch";
    writer.heading("Commands, for a person");
    if (member_of(fix, "patch").empty()) {
        writer.miss("patch: what is to be changed? (record_fix patch)");
        writer.line("_No patch is recorded, so there is nothing to apply._");
    } else {
        writer.line(fenced("git switch -c " + branch + " main\ngit apply --check " + patch_name +
                               "\ngit apply " + patch_name + "\ngit commit -a",
                           "sh"));
    }
    writer.heading("Commit message");
    const auto cause = told(state, "root_cause");
    const auto before = member_of(fix, "fails_before"), after = member_of(fix, "passes_after");
    const auto tested = before.empty() || after.empty()
                            ? std::string("not yet")
                            : "fails before (run " + before + "), passes after (run " + after + ")";
    writer.line(fenced("hotfix: " + shorten(fix.text, 60) +
                           "\n\nRoot cause: " + (cause.empty() ? "not told yet" : cause.back().text) +
                           "\nFix: " + member_of(fix, "description") + "\nIncident: " + state.id +
                           "\nTested: " + tested,
                       ""));
}

/// "changed", or on which side alone the key is.
std::string verdict_text(const DifferingKey& one, const DiffFound& found) {
    if (one.verdict == "missing_right") return "only in " + line_of(found.left, 40);
    if (one.verdict == "missing_left") return "only in " + line_of(found.right, 40);
    return line_of(one.verdict, 40);
}

/// What a person could run for one key, as a comment until that person has looked at it.
std::string statement_for(const DifferingKey& one, const DiffFound& found) {
    const auto key = printable(one.key), entry = printable(one.entry);
    const bool no_entry = one.verdict == (found.right == "redis" ? "missing_right" : "missing_left");
    std::string text;
    if (entry.empty())
        text = "# UPDATE … SET … WHERE " + key + "\n";
    else if (one.verdict == "changed")
        text = "# DEL " + entry + "      (the next read, or the writer, fills it again)\n";
    else if (no_entry)
        text = "# nothing to delete: " + entry + " is not there, the next read or the writer fills it\n";
    else
        text = "# DEL " + entry + "      (no row stands behind it)\n";
    for (const auto& field : one.fields) text += "#   " + printable(field) + "\n";
    return text;
}

}  // namespace

const std::vector<std::string>& document_kinds() {
    static const std::vector<std::string> kinds{"comms_internal_first",
                                                "comms_internal_update",
                                                "comms_internal_resolved",
                                                "comms_customer_first",
                                                "comms_customer_update",
                                                "comms_customer_resolved",
                                                "comms_partner_first",
                                                "comms_partner_update",
                                                "comms_partner_resolved",
                                                "report_text",
                                                "prevention",
                                                "runbook",
                                                "pull_request",
                                                "data_correction"};
    return kinds;
}

Result<Draft> document(const CaseState& state, const std::string& kind, const std::string& key_fingerprint) {
    if (kind == "report_text") return box_report(state, key_fingerprint);
    if (kind == "prevention") return prevention(state, key_fingerprint);
    if (kind == "runbook") return runbook(state, key_fingerprint);
    const auto parts = split(kind, '_');
    const auto& kinds = document_kinds();
    if (parts.size() == 3 && parts[0] == "comms" &&
        std::find(kinds.begin(), kinds.end(), kind) != kinds.end())
        return communication(state, parts[1], parts[2], key_fingerprint);
    return invalid("kind: expected " + join(kinds, ", ") + ", got '" + printable(shorten(kind, 40)) + "'");
}

Result<Draft> pull_request(const CaseState& state, const std::string& name,
                           const std::string& key_fingerprint) {
    const auto fixes = newest_of(state, "fix");
    const auto* fix = fix_named(fixes, name);
    if (fix == nullptr)
        return not_found("fix: the case has no fix '" + printable(shorten(name, 60)) + "'",
                         "record_fix first");
    DraftWriter writer(state, "pull_request");
    writer.line("# HOTFIX: " + line_of(fix->text, 200) + " (" + state.id + ")\n\nBranch: `" +
                branch_of(*fix) + "`. Labels: hotfix, " + lower(state.fields.severity.value_or("P2")) +
                ", incident.");
    writer.heading("Incident");
    writer.fact("Incident", state.id);
    writer.fact("Severity", state.fields.severity.value_or(""));
    writer.fact("Opened", writer.time(state.opened_at));
    writer.fact("Status", state.status());
    writer.section("root_cause");
    writer.heading("Fix");
    for (const auto* member : {"description", "old", "new", "rationale", "risk", "safety"})
        if (const auto value = member_of(*fix, member); !value.empty())
            writer.line("- **" + titled(member) + ":** " + line_of(value, 2'000));
    writer.heading("Testing");
    for (const auto* member : {"verification", "fails_before", "passes_after"}) {
        const auto value = member_of(*fix, member);
        if (value.empty()) writer.miss(std::string(member) + ": what proves the fix? (record_fix)");
        const auto link = links_to_runs(state, {value}, "../", 1);
        writer.line("- **" + titled(member) + ":** " +
                    (value.empty()  ? "_not told yet_"
                     : link.empty() ? line_of(value, 500)
                                    : link));
    }
    writer.heading("Deployment plan");
    const auto* plan = newest_with_key(state, "deploy_plan");
    if (plan == nullptr) writer.miss("deploy_plan: rollout, metrics, rollback, communication (write_log)");
    writer.line(plan == nullptr ? "_not told yet_" : line_of(plan->text, 4'000));
    writer.heading("Approval");
    writer.line("Reviewed by: _[a person who did not write it]_. The pipeline is not bypassed.");
    commands(writer, state, *fix);
    writer.heading("Evidence");
    writer.evidence();
    return writer.finish(key_fingerprint);
}

Draft data_correction(const CaseState& state, const DiffFound& found, const std::string& key_fingerprint) {
    DraftWriter writer(state, "data_correction");
    writer.title("Data correction");
    writer.line("\n**For review by a person. casefile runs none of this.** Made from " +
                links_to_runs(state, {found.run_id}, "../", 1) + ", " + line_of(found.left, 40) +
                " against " + line_of(found.right, 40) + ".");
    writer.section("root_cause");
    writer.heading("Affected keys (" + std::to_string(found.keys_total) + ")");
    if (found.keys_total == 0) {
        writer.line("The diff found no difference.");
        writer.miss("run: a diff that found the wrong data");
    }
    std::string statements;
    for (std::size_t i = 0; i < found.keys.size() && i < keys_shown_max; ++i) {
        const auto& one = found.keys[i];
        writer.line("- " + line_of(one.key, 200) + ": " + verdict_text(one, found) +
                    (one.fields.empty() ? "" : ", " + line_of(join(one.fields, "; "), 600)));
        statements += statement_for(one, found);
    }
    if (found.keys_total > keys_shown_max)
        writer.line("- and " + std::to_string(found.keys_total - keys_shown_max) +
                    " more in the diff's file");
    writer.heading("Statements to review");
    writer.line(fenced("# to be completed by a person, and tried on one key first\n" + statements, ""));
    writer.heading("Order");
    writer.line(
        "1. Stop what makes it wrong, or it comes back.\n2. Copy the affected rows and entries aside.\n"
        "3. One key, verify, then the rest in batches.\n4. A second person watches.");
    writer.heading("Verification");
    writer.line("Repeat the diff of " + links_to_runs(state, {found.run_id}, "../", 1) +
                "; it has to count no difference for these keys.");
    writer.section("data_correction");
    return writer.finish(key_fingerprint);
}

}  // namespace casefile::cases
