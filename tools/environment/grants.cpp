#include "tools/environment/grants.h"

#include <fstream>

#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "evidence/store.h"

namespace casefile::tools {
namespace {

using std::chrono::minutes;

constexpr const char* operator_flag = "operator flag";

std::optional<SourceKind> kind_of(std::string_view name) {
    for (const auto kind : {SourceKind::mysql, SourceKind::redis, SourceKind::kafka})
        if (name == name_of(kind)) return kind;
    return std::nullopt;
}

std::filesystem::path pending_folder(const Workbench& bench) {
    return bench.cases.store().home() / "pending";
}

std::optional<Pending> read_pending(const std::filesystem::path& file) {
    std::ifstream in(file);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    const auto& object = parsed->get_object();
    Pending pending{.code = string_or(object, "code"),
                    .case_id = string_or(object, "case"),
                    .env = string_or(object, "env"),
                    .principal = string_or(object, "principal"),
                    .identity_sha256 = string_or(object, "identity_sha256"),
                    .asked_at = string_or(object, "asked_at"),
                    .kinds = {}};
    if (const auto* kinds = object.if_contains("kinds"); kinds != nullptr && kinds->is_array())
        for (const auto& name : kinds->get_array())
            if (name.is_string())
                if (const auto kind = kind_of(name.get_string())) pending.kinds.push_back(*kind);
    return pending;
}

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

/// Files the probe that pins what the operator confirmed in advance, as the run that it is.
Result<cases::Grant> grant_by_operator(Workbench& bench, const std::string& case_id, const std::string& env,
                                       mcp::CallContext& context) {
    auto run = bench.cases.store().begin(
        case_id, {.tool = "confirm_environment",
                  .task = "operator-flag",
                  .env = env,
                  .principal = context.principal,
                  .client = context.client,
                  .traceparent = context.traceparent.value_or(""),
                  .script = {"json", canonical(json::object{{"probe", env}, {"because", "--confirm"}})},
                  .arguments = {{"env", env}},
                  .context = {},
                  .grant = {}});
    if (!run) return run.error();
    const sources::Control control{std::chrono::steady_clock::now() + std::chrono::seconds(15), context.stop};
    const auto found = probe(bench, env, {}, control);
    for (const auto& fingerprint : found.fingerprints)
        if (auto done = run->write_output(std::string("fingerprint.") + name_of(fingerprint.kind) + ".json",
                                          "metadata", "json", canonical(write_fingerprint(fingerprint)));
            !done) {
            if (auto sealed = run->seal(evidence::Outcome::failed, {{"summary", done.error().message}});
                !sealed)
                return sealed.error();
            return done.error();
        }
    const bool any = !found.fingerprints.empty();
    auto receipt = run->seal(
        any ? evidence::Outcome::answered : evidence::Outcome::failed,
        {{"summary", any ? "confirmed by the operator's flag" : "no source of " + env + " answered"}});
    if (!receipt) return receipt.error();
    if (!any) return found.problems.empty() ? unavailable(env + ": no source") : found.problems.front();

    auto grant = make_grant(bench, env, context.principal, "operator", operator_flag, found);
    grant.expires_at = std::min(grant.expires_at, rfc3339(bench.by_operator.ends_at));
    return bench.cases.give(case_id, std::move(grant), context.principal);
}

}  // namespace

Result<std::optional<cases::Grant>> current_grant(Workbench& bench, const std::string& case_id,
                                                  const std::string& env, mcp::CallContext& context) {
    auto grant = bench.cases.grant(case_id, env, context.principal);
    if (!grant) return grant.error();
    if (*grant && !counts_here(bench, **grant)) grant = std::optional<cases::Grant>();
    const auto now = bench.clock.now();
    const bool lasts = *grant && (*grant)->expires_at > rfc3339(now);
    if (lasts || !bench.by_operator.environments.contains(env) || now >= bench.by_operator.ends_at)
        return grant;
    auto given = grant_by_operator(bench, case_id, env, context);
    if (!given) return given.error();
    return std::optional<cases::Grant>(*std::move(given));
}

bool is_bound(const Workbench& bench, const cases::Grant& grant) {
    return std::all_of(grant.sources.begin(), grant.sources.end(), [&](SourceKind kind) {
        const auto source = bench.sources.find(grant.env, kind);
        if (!source) return false;
        const auto& endpoint = (*source)->endpoint();
        const auto confirmed = grant.variables.find(endpoint.variable);
        return confirmed != grant.variables.end() && confirmed->second == place_of(endpoint);
    });
}

policy::GrantView view_of(const cases::Grant& grant) {
    const auto expires = parse_rfc3339(grant.expires_at);
    return {.env = grant.env,
            .principal = grant.principal,
            .sources = grant.sources,
            .expires_at = expires ? *expires : WallTime{}};
}

Probe probe(Workbench& bench, const std::string& env, const std::vector<SourceKind>& kinds,
            const sources::Control& control) {
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

std::string identity_digest(const std::vector<sources::Fingerprint>& fingerprints) {
    json::object all;
    for (const auto& one : fingerprints)
        all[one.variable] = {{"endpoint", one.endpoint}, {"identity", one.identity}};
    return sha256_hex(canonical(all));
}

mcp::Question confirmation_question(const std::string& env, bool is_protected, const Probe& probe) {
    std::string message = "May this case read the environment " + env + "? Behind its tunnels are:";
    for (const auto& fingerprint : probe.fingerprints)
        message += "\n- " + printable(shorten(sources::describe(fingerprint), 400));
    for (const auto& problem : probe.problems) message += "\n- " + printable(shorten(problem.message, 200));
    message += "\ncasefile only reads. The confirmation is recorded and expires.";
    json::object properties{{"confirm", {{"type", "boolean"}, {"title", "Read " + env}, {"default", false}}}};
    json::array required{"confirm"};
    if (is_protected) {
        message += "\n" + env + " is protected: type its label to confirm.";
        properties["environment"] = {
            {"type", "string"}, {"title", "Type the label " + env}, {"maxLength", 64}};
        required.emplace_back("environment");
    }
    return {
        .key = "confirmation",
        .message = std::move(message),
        .form = {
            {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}}};
}

Result<void> accepted(const mcp::HumanAnswer& answer, const std::string& env, bool is_protected) {
    const char* final_word = "do not ask again unless the user says so";
    if (answer.action != mcp::AnswerAction::accept)
        return denied(env + " was not confirmed: the human " +
                          (answer.action == mcp::AnswerAction::decline ? "declined" : "did not answer"),
                      final_word);
    const auto* confirm = answer.content.if_contains("confirm");
    if (confirm == nullptr || !confirm->is_bool() || !confirm->get_bool())
        return denied(env + " was not confirmed: the box 'confirm' was not ticked", final_word);
    if (is_protected && string_or(answer.content, "environment") != env)
        return denied(env + " is protected and its label was not typed: expected '" + env + "', got '" +
                          printable(shorten(string_or(answer.content, "environment"), 64)) + "'",
                      "call confirm_environment again; the human types the label exactly");
    return {};
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
    for (const auto& fingerprint : probe.fingerprints) {
        grant.sources.push_back(fingerprint.kind);
        if (const auto source = bench.sources.find(env, fingerprint.kind))
            grant.variables[fingerprint.variable] = place_of((*source)->endpoint());
        grant.fingerprints.push_back(write_fingerprint(fingerprint));
    }
    return grant;
}

Result<Pending> keep_pending(Workbench& bench, Pending pending) {
    pending.code = random_hex(4);
    pending.asked_at = rfc3339(bench.clock.now());
    json::array kinds;
    for (const auto kind : pending.kinds) kinds.emplace_back(name_of(kind));
    const auto folder = pending_folder(bench);
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    const auto file = folder / (pending.code + ".json");
    std::ofstream out(file, std::ios::trunc);
    out << canonical(json::object{{"code", pending.code},
                                  {"case", pending.case_id},
                                  {"env", pending.env},
                                  {"principal", pending.principal},
                                  {"identity_sha256", pending.identity_sha256},
                                  {"asked_at", pending.asked_at},
                                  {"kinds", std::move(kinds)}});
    out.close();
    if (!out)
        return unavailable("could not keep the pending confirmation in " + folder.string(),
                           "check the folder");
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failure);
    return pending;
}

Result<std::vector<Pending>> pending_confirmations(const Workbench& bench) {
    std::vector<Pending> out;
    std::error_code failure;
    for (const auto& file : std::filesystem::directory_iterator(pending_folder(bench), failure)) {
        auto pending = read_pending(file.path());
        const auto asked =
            pending ? parse_rfc3339(pending->asked_at) : Result<WallTime>(invalid("unreadable"));
        if (!asked || bench.clock.now() - *asked > minutes(15)) {
            std::filesystem::remove(file.path(), failure);
            continue;
        }
        out.push_back(*std::move(pending));
    }
    std::sort(out.begin(), out.end(), [](const auto& l, const auto& r) { return l.asked_at < r.asked_at; });
    return out;
}

void drop_pending(const Workbench& bench, const std::string& code) {
    std::error_code failure;
    std::filesystem::remove(pending_folder(bench) / (slug(code, 16) + ".json"), failure);
}

void drop_pending(const Workbench& bench, const std::string& case_id, const std::string& env) {
    const auto waiting = pending_confirmations(bench);
    if (!waiting) return;
    for (const auto& one : *waiting)
        if (one.case_id == case_id && one.env == env) drop_pending(bench, one.code);
}

}  // namespace casefile::tools
