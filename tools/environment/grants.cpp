#include "tools/environment/grants.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "evidence/store.h"
#include "tools/tool_spec.h"

namespace casefile::tools {
namespace {

constexpr const char* operator_flag = "operator flag";

/// "127.0.0.1:3307/shop as reader": where a grant is bound to, without the password.
std::string place_of(const sources::Endpoint& endpoint) {
    auto place = endpoint.address();
    if (!endpoint.database.empty()) place += "/" + endpoint.database;
    if (!endpoint.user.empty()) place += " as " + endpoint.user;
    return place;
}

/// A grant by the operator's flag is worth something in the process that has the flag, and nowhere else.
bool counts_here(const Workbench& bench, const cases::Grant& grant) {
    if (grant.how != operator_flag) return true;
    return bench.by_operator.environments.contains(grant.env) &&
           grant.given_at >= rfc3339(bench.by_operator.begins_at);
}

/// Pins what the operator confirmed in advance.
Result<cases::GrantPtr> grant_by_operator(Workbench& bench, const std::string& case_id,
                                          const std::string& env, mcp::CallContext& context) {
    const sources::Control control{std::chrono::steady_clock::now() + std::chrono::seconds(15), context.stop};
    auto filed = probe_as_run(bench, case_id,
                              {.env = env,
                               .kinds = {},
                               .task = "operator-flag",
                               .because = "--confirm",
                               .principal = context.principal,
                               .client = context.client,
                               .traceparent = context.traceparent.value_or("")},
                              control);
    if (!filed) return filed.error();
    auto receipt =
        filed->run.seal(evidence::Outcome::answered, {{"summary", "confirmed by the operator's flag"}});
    if (!receipt) return receipt.error();
    auto grant = make_grant(bench, env, context.principal, "operator", operator_flag, filed->found);
    grant.witness["client"] = context.client;
    grant.expires_at = std::min(grant.expires_at, rfc3339(bench.by_operator.ends_at));
    auto given = bench.cases.give(case_id, std::move(grant), context.principal);
    if (!given) return given.error();
    return std::make_shared<const cases::Grant>(*std::move(given));
}

/// What the journal holds, and whether the operator's word may still follow it.
struct FiledGrant {
    cases::GrantPtr grant;  ///< null where none counts here
    bool operator_may_give = false;
};

Result<FiledGrant> filed_grant(Workbench& bench, const std::string& case_id, const std::string& env,
                               const std::string& principal) {
    auto grant = bench.cases.grant(case_id, env, principal);
    if (!grant) return grant.error();
    if (*grant && !counts_here(bench, **grant)) grant = cases::GrantPtr();
    const auto now = bench.clock.now();
    const bool lasts = *grant && (*grant)->expires_at > rfc3339(now);
    // The operator's word was for what stood there when it was first used.
    const bool suspended =
        *grant && !(*grant)->suspended.empty() && (*grant)->given_at >= rfc3339(bench.by_operator.begins_at);
    return FiledGrant{*std::move(grant), !lasts && !suspended &&
                                             bench.by_operator.environments.contains(env) &&
                                             now < bench.by_operator.ends_at};
}

}  // namespace

Result<cases::GrantPtr> current_grant(Workbench& bench, const std::string& case_id, const std::string& env,
                                      mcp::CallContext& context) {
    const auto filed = filed_grant(bench, case_id, env, context.principal);
    if (!filed) return filed.error();
    if (!filed->operator_may_give) return filed->grant;
    return bench.by_operator.joint->of(
        join({case_id, env, context.principal}, "\n"), context.stop, [&]() -> Result<cases::GrantPtr> {
            // Another call may have been through since it was looked.
            const auto again = filed_grant(bench, case_id, env, context.principal);
            if (!again) return again.error();
            if (!again->operator_may_give) return again->grant;
            return grant_by_operator(bench, case_id, env, context);
        });
}

Drift drift_between(const json::object& confirmed, const json::object& now) {
    const auto told = [](const json::value* value) {
        return value == nullptr ? std::string("nothing") : printable(shorten(json::serialize(*value), 120));
    };
    std::set<std::string> names;
    for (const auto& pair : confirmed) names.emplace(pair.key());
    for (const auto& pair : now) names.emplace(pair.key());
    Drift drift;
    std::set<std::string> moved;
    for (const auto& name : names) {
        const auto* before = confirmed.if_contains(name);
        const auto* after = now.if_contains(name);
        if (before != nullptr && after != nullptr && *before == *after) continue;
        moved.insert(name);
        drift.lines.push_back(name + ": confirmed " + told(before) + ", now " + told(after));
    }
    // Databases of Redis come and go with their keys; they matter to tell a restart from another server.
    if (moved == std::set<std::string>{"databases"}) return {};
    drift.restarted = moved == std::set<std::string>{"run_id"};
    return drift;
}

sources::Admission admission(std::vector<cases::GrantPtr> grants,
                             std::function<void(const cases::Grant&, const std::string& why)> on_drift) {
    return [grants = std::move(grants), on_drift = std::move(on_drift)](
               const sources::Endpoint& endpoint, const json::object& identity) -> Result<void> {
        for (const auto& one_grant : grants) {
            const auto& grant = *one_grant;
            if (grant.env != endpoint.env) continue;
            for (const auto& one : grant.fingerprints) {
                const auto& fingerprint = one.as_object();
                if (string_or(fingerprint, "variable") != endpoint.variable) continue;
                const auto drift = drift_between(fingerprint.at("identity").as_object(), identity);
                if (drift.lines.empty()) return {};
                const auto why = std::string(name_of(endpoint.kind)) + " behind " + endpoint.address() +
                                 (drift.restarted ? " was restarted since it was confirmed: "
                                                  : " is not what was confirmed: ") +
                                 join(drift.lines, "; ");
                on_drift(grant, why);
                return denied(grant.env + " is suspended: " + why,
                              "tell the user; confirm_environment shows a human what is there now");
            }
        }
        return denied(endpoint.env + ": " + std::string(name_of(endpoint.kind)) + " was never confirmed",
                      "call confirm_environment");
    };
}

std::vector<std::string> moved_since(const json::object& confirmed, const json::object& now) {
    std::vector<std::string> lines;
    for (const auto* name : {"product", "version", "role"}) {
        const auto before = string_or(confirmed, name), after = string_or(now, name);
        if (after.empty() || before == after) continue;
        lines.push_back(std::string(name) + ": confirmed \"" + printable(before) + "\", now \"" +
                        printable(after) + "\"; the confirmation lasts");
    }
    return lines;
}

void admit_only(const std::vector<cases::GrantPtr>& grants,
                std::function<void(const cases::Grant&, const std::string& why)> on_drift, Call& call,
                std::set<std::string>& moved) {
    call.admit = admission(grants, std::move(on_drift));
    call.hear = [&grants, &call, &moved](const sources::Endpoint& endpoint, const json::object& may_move) {
        for (const auto& grant : grants)
            for (const auto& one : grant->fingerprints) {
                const auto& confirmed = one.as_object();
                const auto* facts = confirmed.if_contains("facts");
                if (grant->env != endpoint.env || string_or(confirmed, "variable") != endpoint.variable ||
                    facts == nullptr || !facts->is_object())
                    continue;
                const std::lock_guard lock(call.log_mutex);
                for (const auto& line : moved_since(facts->get_object(), may_move))
                    if (moved.insert(endpoint.variable + " " + line).second)
                        call.run.log(endpoint.variable + " " + line);
            }
    };
}

Result<void> suspend(Workbench& bench, const std::string& case_id, const cases::Grant& grant,
                     const std::string& why) {
    auto ended = grant;
    ended.given_at = ended.expires_at = rfc3339(bench.clock.now());
    ended.suspended = why;
    auto given = bench.cases.give(case_id, std::move(ended), grant.principal);
    return given ? Result<void>() : given.error();
}

std::optional<Error> unbound(const Workbench& bench, const cases::Grant& grant) {
    for (const auto& [variable, confirmed] : grant.variables) {
        const auto all = bench.sources.of(grant.env);
        const auto source =
            std::ranges::find_if(all, [&](const auto* one) { return one->endpoint().variable == variable; });
        const auto was = grant.env + " was confirmed with " + variable + " naming " + printable(confirmed);
        if (source == all.end())
            return denied(was + ", and that variable is not set here",
                          "start casefile with the variables that were confirmed, for example by --env-file; "
                          "casefile doctor shows those it finds");
        if (const auto now = place_of((*source)->endpoint()); now != confirmed)
            return denied(was + ", which names " + printable(now) + " now",
                          "call confirm_environment again; a human has to see what is there now");
    }
    for (const auto kind : grant.sources) {
        const auto source = bench.sources.find(grant.env, kind);
        if (!source || !grant.variables.contains((*source)->endpoint().variable))
            return denied(grant.env + " was confirmed without telling which " + name_of(kind) + " was meant",
                          "call confirm_environment again; a human has to see what is there now");
    }
    return std::nullopt;
}

policy::GrantView view_of(const cases::Grant& grant) {
    const auto expires = parse_rfc3339(grant.expires_at);
    return {.env = grant.env,
            .principal = grant.principal,
            .sources = grant.sources,
            .expires_at = expires ? *expires : WallTime{}};
}

Probe probe(Workbench& bench, const std::string& env, const std::vector<SourceKind>& kinds,
            const sources::Control& call) {
    const sources::Control control{call.deadline, call.stop};
    Probe out;
    for (auto* source : bench.sources.of(env)) {
        const auto& endpoint = source->endpoint();
        if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), endpoint.kind) == kinds.end()) continue;
        auto fingerprint = source->fingerprint(control);
        const auto now = rfc3339(bench.clock.now());
        if (fingerprint) {
            bench.states.note(endpoint, "answered at " + now);
            out.fingerprints.push_back(*std::move(fingerprint));
        } else {
            bench.states.note(endpoint, "failed at " + now + ": " + fingerprint.error().message);
            auto problem = fingerprint.error();
            problem.message = endpoint.variable + ": " + problem.message;
            out.problems.push_back(std::move(problem));
        }
    }
    return out;
}

json::object write_fingerprint(const sources::Fingerprint& fingerprint) {
    json::array statements(fingerprint.statements.begin(), fingerprint.statements.end());
    return {{"source", name_of(fingerprint.kind)},
            {"env", fingerprint.env},
            {"variable", fingerprint.variable},
            {"endpoint", fingerprint.endpoint},
            {"taken_at", fingerprint.taken_at},
            {"identity", fingerprint.identity},
            {"facts", fingerprint.facts},
            {"can_write", fingerprint.can_write},
            {"can_write_reason", fingerprint.can_write_reason},
            {"statements", std::move(statements)}};
}

Result<void> file_fingerprints(const Probe& found, evidence::Run& run) {
    for (const auto& fingerprint : found.fingerprints) {
        const auto name = std::string("fingerprint.") + name_of(fingerprint.kind) + ".json";
        if (auto done = run.write_output(name, "metadata", "json", canonical(write_fingerprint(fingerprint)));
            !done)
            return done.error();
        for (const auto& statement : fingerprint.statements)
            run.log(std::string(name_of(fingerprint.kind)) + " probe: " + printable(statement));
    }
    for (const auto& problem : found.problems) run.log(describe(problem));
    return {};
}

Result<FiledProbe> probe_as_run(Workbench& bench, const std::string& case_id, const ProbeRequest& request,
                                const sources::Control& control) {
    auto run = bench.cases.store().begin(
        case_id,
        {.tool = "confirm_environment",
         .task = request.task,
         .env = request.env,
         .principal = request.principal,
         .client = request.client,
         .traceparent = request.traceparent,
         .script = {"json", canonical(json::object{{"probe", request.env}, {"because", request.because}})},
         .arguments = {{"env", request.env}},
         .context = {},
         .grant = {}});
    if (!run) return run.error();
    auto found = probe(bench, request.env, request.kinds, control);
    auto filed = file_fingerprints(found, *run);
    // A look that was cut short saw only a part of what is to be confirmed.
    const auto cut = std::ranges::find(found.problems, ErrorKind::cancelled, &Error::kind);
    const bool cut_short = cut != found.problems.end();
    if (filed && cut_short)
        filed = *cut;
    else if (filed && found.fingerprints.empty())
        filed = found.problems.empty()
                    ? not_found(request.env + ": no variable names one of its sources here",
                                "give the options that the server has, for example --env-file FILE")
                    : found.problems.front();
    if (filed) return FiledProbe{std::move(found), *std::move(run)};
    auto sealed = run->seal(cut_short ? evidence::Outcome::cancelled : evidence::Outcome::failed,
                            {{"summary", filed.error().message}});
    return sealed ? filed.error() : sealed.error();
}

std::string identity_digest(const std::vector<sources::Fingerprint>& fingerprints) {
    json::object all;
    for (const auto& one : fingerprints)
        all[one.variable] = {{"endpoint", one.endpoint}, {"identity", one.identity}};
    return sha256_hex(canonical(all));
}

HumanAsked confirmation_of(const std::string& env) {
    return {.env = env,
            .title = "Read " + env,
            .refusal = env + " was not confirmed",
            .again =
                "call confirm_environment again; the human types the label exactly, or answers where the "
                "answer counts"};
}

mcp::Question confirmation_question(const policy::Rules& rules, const std::string& env, const Probe& probe) {
    std::string message = "May this case read the environment " + env + "? Behind its tunnels are:";
    for (const auto& fingerprint : probe.fingerprints)
        message += "\n- " + printable(sources::describe(fingerprint));
    for (const auto& problem : probe.problems) message += "\n- " + printable(shorten(problem.message, 200));
    for (const auto& line : probe.unlike) message += "\n- " + printable(shorten(line, 300));
    message += "\ncasefile only reads. The confirmation is recorded and expires.";
    return question_to_human(rules, "confirmation", std::move(message), confirmation_of(env));
}

Result<void> note_refusal(Workbench& bench, const std::string& case_id, const std::string& principal,
                          const Refusal& refusal) {
    cases::Entry entry;
    entry.kind = "decision";
    entry.key = declined_key;
    entry.text = refusal.why + ", by " +
                 (refusal.how == "terminal" ? "a human at a terminal" : "the answer to a form");
    json::object value;
    if (!refusal.question.empty()) value["question"] = refusal.question;
    if (refusal.final) value["declined"] = refusal.env;
    if (!value.empty()) entry.value = std::move(value);
    auto written = bench.cases.write(case_id, std::move(entry), principal);
    return written ? Result<void>() : written.error();
}

Result<std::string> declined_at(Workbench& bench, const std::string& case_id, const std::string& principal,
                                const std::string& env) {
    auto state = bench.cases.find(case_id, principal);
    if (!state) return state.error();
    std::string at;
    for (const auto& entry : state->entries)
        if (entry.key == declined_key && entry.by == principal && entry.value.is_object() &&
            string_or(entry.value.get_object(), "declined") == env)
            at = std::max(at, entry.at);
    for (const auto& grant : state->grants)
        if (grant->env == env && grant->principal == principal && grant->suspended.empty() &&
            grant->given_at >= at)
            at.clear();
    return at;
}

Result<bool> was_answered(Workbench& bench, const std::string& case_id, const std::string& principal,
                          const std::string& question) {
    auto state = bench.cases.find(case_id, principal);
    if (!state) return state.error();
    const auto is_this = [&](const json::value& value) {
        return value.is_object() && string_or(value.get_object(), "question") == question;
    };
    return std::ranges::any_of(state->grants,
                               [&](const cases::GrantPtr& grant) { return grant->question == question; }) ||
           std::ranges::any_of(state->entries,
                               [&](const cases::Entry& entry) { return is_this(entry.value); });
}

cases::Grant make_grant(const Workbench& bench, const std::string& env, const std::string& principal,
                        const std::string& confirmed_by, const std::string& how, const Probe& probe) {
    const auto now = bench.clock.now();
    cases::Grant grant;
    grant.env = env;
    grant.principal = principal;
    grant.confirmed_by = confirmed_by;
    grant.how = how;
    grant.given_at = rfc3339(now);
    grant.expires_at = rfc3339(now + bench.grant_lasts);
    grant.witness = bench.witness;
    for (const auto& fingerprint : probe.fingerprints) {
        grant.sources.push_back(fingerprint.kind);
        if (const auto source = bench.sources.find(env, fingerprint.kind))
            grant.variables[fingerprint.variable] = place_of((*source)->endpoint());
        grant.fingerprints.push_back(write_fingerprint(fingerprint));
    }
    return grant;
}

}  // namespace casefile::tools
