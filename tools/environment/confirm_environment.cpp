// confirm_environment: asks the human whether this case may read an environment, after showing who is behind
// its tunnels. Nothing a model can pass gives a grant; only the human's answer does.

#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "tools/answer_shape.h"
#include "tools/environment/grants.h"
#include "tools/environment/last_seen.h"
#include "tools/environment/pending.h"
#include "tools/environment/source_kinds.h"
#include "tools/environment/tools.h"

namespace casefile::tools::environment {
namespace {

struct Args {
    std::vector<std::string> sources;
};

struct GrantLine {
    std::string env, confirmed_by, how, expires_at;
};

struct Answer {
    std::optional<GrantLine> grant;
    std::vector<json::object> fingerprints;
    std::vector<std::string> problems;
};

using Outcome = Result<std::variant<Answer, mcp::NeedsInput>>;

GrantLine line_of(const cases::Grant& grant) {
    return {grant.env, grant.confirmed_by, grant.how, grant.expires_at};
}

/// A fingerprint without the list of statements, which stays in the run's file.
json::object shown(json::object fingerprint) {
    fingerprint.erase("statements");
    return fingerprint;
}

Outcome already_confirmed(const cases::Grant& grant) {
    Answer answer{.grant = line_of(grant), .fingerprints = {}, .problems = {}};
    for (const auto& fingerprint : grant.fingerprints)
        if (fingerprint.is_object()) answer.fingerprints.push_back(shown(fingerprint.get_object()));
    return {std::move(answer)};
}

Error declined_before(const std::string& env, const std::string& at, std::string hint) {
    return denied("a human declined " + env + " at " + at + ", which is final for forms", std::move(hint));
}

/// The way out where no question can be put: a person does it at a terminal. `declined` says since when the
/// human's word is no.
Result<mcp::ToolResult> way_out(Call& call, const std::vector<SourceKind>& kinds, const std::string& digest,
                                const std::string& declined) {
    auto pending = keep_pending(call.bench, {.code = {},
                                             .case_id = call.state.id,
                                             .env = call.env,
                                             .principal = call.context.principal,
                                             .identity_sha256 = digest,
                                             .asked_at = {},
                                             .kinds = kinds});
    if (!pending) return pending.error();
    const auto command = "casefile confirm " + pending->code + call.bench.confirm_options +
                         " (valid for 15 minutes, where the same variables are set); then call "
                         "confirm_environment again";
    if (!declined.empty())
        return refused(
            declined_before(
                call.env, declined,
                "do not ask again; a user who thinks better of it runs, in a terminal: " + command),
            nullptr);
    const bool terminal = call.bench.rules.needs_terminal(call.env);
    return refused(denied(call.env + " has to be confirmed by a human" +
                              (terminal ? " at a terminal: the configuration demands it"
                                        : ", and this client cannot ask one"),
                          "tell the user to run, in a terminal: " + command),
                   nullptr);
}

bool covers(const std::vector<SourceKind>& granted, const std::vector<SourceKind>& wanted) {
    return std::ranges::all_of(
        wanted, [&](SourceKind kind) { return std::ranges::find(granted, kind) != granted.end(); });
}

/// What is asked for: the kinds named, or every kind that the environment has.
std::vector<SourceKind> wanted_kinds(const Args& args, const Call& call) {
    auto wanted = kinds_of(args.sources);
    if (wanted.empty())
        for (const auto* source : call.bench.sources.of(call.env)) wanted.push_back(source->endpoint().kind);
    return wanted;
}

Outcome ask(Call& call, const std::vector<SourceKind>& kinds, const Probe& found, const std::string& digest) {
    const auto& rules = call.bench.rules;
    const auto declined = declined_at(call.bench, call.state.id, call.context.principal, call.env);
    if (!declined) return declined.error();
    auto nobody = way_out(call, kinds, digest, *declined);
    if (!nobody) return nobody.error();
    return {mcp::NeedsInput{
        .questions = {confirmation_question(rules, call.env, found)},
        .state = {{"env", call.env}, {"identity_sha256", digest}, {"question", random_hex(16)}},
        .when_nobody_can_ask = *std::move(nobody),
        .only_at_terminal = rules.needs_terminal(call.env) || !declined->empty()}};
}

/// The human answered, having seen what is there now.
Outcome take_answer(Call& call, const mcp::HumanAnswer& answer, const Probe& found) {
    auto& bench = call.bench;
    const auto question = string_or(call.context.state, "question");
    const auto answered_before = was_answered(bench, call.state.id, call.context.principal, question);
    if (!answered_before) return answered_before.error();
    if (question.empty() || *answered_before)
        return denied("this question about " + call.env + " was answered before, and an answer counts once",
                      "call confirm_environment again to have the human asked anew");
    // Another question of the same environment may have been declined while this one was open.
    const auto declined = declined_at(bench, call.state.id, call.context.principal, call.env);
    if (!declined) return declined.error();
    if (!declined->empty() && answer.how != "terminal")
        return declined_before(call.env, *declined,
                               "call confirm_environment again; it says how a human confirms at a terminal");
    drop_pending(bench, call.state.id, call.env);
    if (auto said = check_human_answer(bench.rules, answer, confirmation_of(call.env)); !said) {
        const bool final = answer.action == mcp::AnswerAction::decline;
        if (auto done = note_refusal(bench, call.state.id, call.context.principal,
                                     {call.env, said.error().message, answer.how, question, final});
            !done)
            return done.error();
        return said.error();
    }
    auto grant =
        make_grant(bench, call.env, call.context.principal, call.context.principal, answer.how, found);
    grant.witness["client"] = call.context.client;
    grant.question = question;
    auto given = bench.cases.give(call.state.id, std::move(grant), call.context.principal);
    if (!given) return given.error();
    remember_seen(bench, call.context.principal, call.env, found);
    Answer out{.grant = line_of(*given), .fingerprints = {}, .problems = {}};
    for (const auto& fingerprint : found.fingerprints)
        out.fingerprints.push_back(shown(write_fingerprint(fingerprint)));
    for (const auto& problem : found.problems) out.problems.push_back(describe(problem));
    return {std::move(out)};
}

Outcome confirm(const Args& args, Call& call) {
    auto& bench = call.bench;
    auto grant = current_grant(bench, call.state.id, call.env, call.context);
    if (!grant) return grant.error();
    const bool lasts =
        *grant && (*grant)->expires_at > rfc3339(bench.clock.now()) && !unbound(bench, **grant);
    auto kinds = wanted_kinds(args, call);
    if (lasts && covers((*grant)->sources, kinds)) return already_confirmed(**grant);
    // A source that is asked for later joins those already confirmed, which the new grant keeps.
    if (lasts)
        for (const auto kind : (*grant)->sources)
            if (!covers(kinds, {kind})) kinds.push_back(kind);

    call.progress(0, std::nullopt, "asking each source of " + call.env + " who it is");
    auto found = probe(bench, call.env, kinds, call.control());
    found.unlike = unlike_last_time(bench, call.context.principal, call.env, found);
    if (auto done = file_fingerprints(found, call.run); !done) return done.error();
    if (found.fingerprints.empty())
        return found.problems.empty() ? invalid("sources: " + call.env + " has none of these")
                                      : found.problems.front();
    std::vector<SourceKind> answered;
    for (const auto& fingerprint : found.fingerprints) answered.push_back(fingerprint.kind);
    if (lasts && covers((*grant)->sources, answered)) return already_confirmed(**grant);

    const auto digest = identity_digest(found.fingerprints);
    const auto answer = call.context.answers.find("confirmation");
    // What the human saw has to be what is there now.
    const bool same = string_or(call.context.state, "identity_sha256") == digest;
    if (answer == call.context.answers.end() || !same) return ask(call, kinds, found, digest);

    return take_answer(call, answer->second, found);
}

}  // namespace

GuardedTool confirm_environment_tool(Workbench& bench) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "confirm_environment",
        .title = "Confirm an environment",
        .description =
            "Asks the human whether this case may read env, showing who is behind its tunnels. Data "
            "tools refuse until then. A decline is final: only a terminal reopens it.",
        .input = Schema<Args>{}
                     .field("sources", &Args::sources, "Only these kinds; default all.")
                     .choices(source_names)
                     .optional(),
        .output = Schema<Answer>{}
                      .object("grant", &Answer::grant,
                              Schema<GrantLine>{}
                                  .field("env", &GrantLine::env, "")
                                  .field("confirmed_by", &GrantLine::confirmed_by, "")
                                  .field("how", &GrantLine::how, "")
                                  .field("expires_at", &GrantLine::expires_at, ""),
                              "")
                      .field("fingerprints", &Answer::fingerprints, "")
                      .field("problems", &Answer::problems, "Sources that did not answer."),
        .plan = [&bench](const Args&, const Situation& situation) -> Result<Plan> {
            if (situation.env.empty()) {
                const auto known = bench.sources.environments();
                return invalid(
                    "env: expected one of " + (known.empty() ? "none" : join(known, ", ")) + ", got none",
                    "ask the user which environment is meant");
            }
            return Plan{.intents = {{.action = policy::Intent::Action::probe, .env = situation.env}},
                        .script = {"json", canonical(json::object{{"probe", situation.env}})},
                        .task = "confirm-" + situation.env,
                        .time_max = std::chrono::seconds(15)};
        },
        .run = confirm,
        .summary =
            [](const Answer& answer) {
                return answer.grant ? answer.grant->env + " confirmed (" + answer.grant->how + ") until " +
                                          answer.grant->expires_at
                                    : std::string("not confirmed");
            },
        .read_only = false,
        .env_needed = false,
        .needs_grant = false,
        .scope = "confirm",
    });
}

}  // namespace casefile::tools::environment
