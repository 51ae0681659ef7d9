// fingerprint: who each source is now, what its account may do, what differs from what the human confirmed
// and from the last time anyone looked, and on request how the sources are.

#include "base/text.h"
#include "tools/environment/grants.h"
#include "tools/environment/health.h"
#include "tools/environment/last_seen.h"
#include "tools/environment/source_kinds.h"
#include "tools/environment/tools.h"
#include "tools/preview.h"

namespace casefile::tools::environment {
namespace {

struct Args {
    std::vector<std::string> sources;
    bool health = false;
};

struct Answer {
    std::vector<json::object> fingerprints;
    bool can_write = false;
    std::string times;
    std::vector<std::string> drift, unlike_before;
    std::optional<std::vector<json::object>> health, sessions, transactions, statements, slow, partitions;
    std::vector<std::string> problems;
    std::optional<std::string> reason;
    std::string told;  // of health, for the summary
};

/// Tells what is not as it was confirmed. Another identity ends the grant, as it would on the next read.
Result<void> compare(const sources::Fingerprint& now, const cases::Grant& grant, const Call& call,
                     Answer& answer) {
    for (const auto& one : grant.fingerprints) {
        const auto& confirmed = one.as_object();
        if (string_or(confirmed, "variable") != now.variable) continue;
        const auto drift = drift_between(confirmed.at("identity").as_object(), now.identity);
        for (const auto& line : drift.lines) answer.drift.push_back(now.variable + " " + line);
        const auto* facts = confirmed.if_contains("facts");
        if (facts != nullptr && facts->is_object())
            for (const auto& line : moved_since(facts->get_object(), now.facts))
                answer.drift.push_back(now.variable + " " + line);
        if (drift.lines.empty()) continue;
        return suspend(call.bench, call.state.id, grant,
                       now.variable +
                           (drift.restarted ? " was restarted since it was confirmed: "
                                            : " is not what was confirmed: ") +
                           join(drift.lines, "; "));
    }
    return {};
}

/// "mysql at 2026-11-22T14:02:03.100Z, redis at 2026-11-22T14:02:03.400Z": what is compared was not read at
/// one time.
std::string times_of(const Probe& found) {
    std::vector<std::string> times;
    for (const auto& one : found.fingerprints)
        times.push_back(std::string(name_of(one.kind)) + " at " + one.taken_at);
    return join(times, ", ");
}

/// Asks those that answered the probe. One that fails meanwhile is a problem told.
Health health_of(const Probe& found, Call& call) {
    Health health;
    for (const auto& fingerprint : found.fingerprints) {
        const auto done = fingerprint.kind == SourceKind::mysql   ? mysql_health(call, fingerprint, health)
                          : fingerprint.kind == SourceKind::redis ? redis_health(call, health)
                                                                  : kafka_health(call, health);
        if (!done) health.problems.push_back(fingerprint.variable + ": " + describe(done.error()));
    }
    return health;
}

/// Files all of it, and puts what has room into the answer.
Result<void> tell_health(Health health, Call& call, Answer& answer) {
    struct List {
        const char* name;
        std::vector<json::object>& from;
        std::optional<std::vector<json::object>>& to;
    };
    const List lists[] = {{"health", health.checks, answer.health},
                          {"transactions", health.transactions, answer.transactions},
                          {"sessions", health.sessions, answer.sessions},
                          {"statements", health.statements, answer.statements},
                          {"slow", health.slow, answer.slow},
                          {"partitions", health.partitions, answer.partitions}};
    json::object document{{"times", answer.times},
                          {"problems", json::array(health.problems.begin(), health.problems.end())}};
    std::size_t bad = 0;
    for (const auto& check : health.checks)
        if (const auto verdict = string_or(check, "verdict"); verdict == "WARNING" || verdict == "CRITICAL")
            ++bad;
    answer.told =
        ", " + std::to_string(bad) + " of " + std::to_string(health.checks.size()) + " checks of health warn";
    auto left = preview_bytes(call.bench.limits);
    bool cut = false;
    for (const auto& list : lists) {
        document[list.name] = json::array(list.from.begin(), list.from.end());
        if (list.from.empty()) continue;
        list.to = std::move(list.from);
        for (auto& line : *list.to) line.erase("digest");  // the text says it; the file has both
        cut = keep_within(*list.to, left) || cut;
    }
    if (cut)
        answer.reason =
            "the lists are shown in part; the file health." + call.task() + ".json has them whole";
    answer.problems.insert(answer.problems.end(), health.problems.begin(), health.problems.end());
    return call.run.write_output("health." + call.task() + ".json", "data", "json",
                                 json::serialize(call.bench.masks.answer(std::move(document))) + "\n");
}

Result<std::variant<Answer, mcp::NeedsInput>> take(const Args& args, Call& call) {
    auto grant = call.bench.cases.grant(call.state.id, call.env, call.context.principal);
    if (!grant) return grant.error();
    auto kinds = kinds_of(args.sources);
    if (kinds.empty() && *grant) kinds = (*grant)->sources;
    const auto found = probe(call.bench, call.env, kinds, call.control());
    if (auto done = file_fingerprints(found, call.run); !done) return done.error();

    Answer answer;
    answer.times = times_of(found);
    for (const auto& fingerprint : found.fingerprints) {
        auto written = write_fingerprint(fingerprint);
        answer.can_write = answer.can_write || fingerprint.can_write;
        if (*grant)
            if (auto compared = compare(fingerprint, **grant, call, answer); !compared)
                return compared.error();
        written.erase("statements");
        answer.fingerprints.push_back(std::move(written));
    }
    for (const auto& problem : found.problems) answer.problems.push_back(describe(problem));
    if (answer.fingerprints.empty() && !found.problems.empty()) return found.problems.front();
    answer.unlike_before = unlike_last_time(call.bench, call.context.principal, call.env, found);
    // What nobody confirmed must not pass for what was there before.
    if (answer.drift.empty()) remember_seen(call.bench, call.context.principal, call.env, found);
    if (args.health)
        if (auto done = tell_health(health_of(found, call), call, answer); !done) return done.error();
    return {std::move(answer)};
}

/// The kinds whose health will be asked: those named, those granted, or where neither is known yet, those
/// that there are.
std::vector<SourceKind> planned_kinds(const Args& args, const Situation& situation, const Workbench& bench) {
    if (auto kinds = kinds_of(args.sources); !kinds.empty()) return kinds;
    const auto& grants = situation.state.grants;
    for (auto grant = grants.rbegin(); grant != grants.rend(); ++grant)
        if ((*grant)->env == situation.env && !(*grant)->sources.empty()) return (*grant)->sources;
    std::vector<SourceKind> kinds;
    for (const auto* source : bench.sources.of(situation.env)) kinds.push_back(source->endpoint().kind);
    return kinds;
}

Plan plan(const Args& args, const Situation& situation, const Workbench& bench) {
    policy::Intent intent{
        .action = policy::Intent::Action::read, .env = situation.env, .sources = kinds_of(args.sources)};
    json::object script{{"probe", situation.env}};
    if (args.health) {
        const auto kinds = planned_kinds(args, situation, bench);
        for (const auto kind : kinds) {
            if (kind == SourceKind::mysql) add_mysql_intents(intent);
            if (kind == SourceKind::redis) add_redis_intents(intent);
        }
        json::array sent;
        for (const auto& sql : intent.sql) sent.emplace_back(sql.text);
        for (const auto& command : intent.redis) sent.emplace_back(join(command.arguments, " "));
        script["health"] = std::move(sent);
    }
    return Plan{.intents = {std::move(intent)},
                .script = {"json", canonical(script)},
                .task = args.health ? "health" : "fingerprint",
                .time_max = std::chrono::seconds(args.health ? 30 : 15)};
}

Schema<Answer> answer_schema() {
    return Schema<Answer>{}
        .field("fingerprints", &Answer::fingerprints, "")
        .field("can_write", &Answer::can_write, "An account here could write.")
        .field("times", &Answer::times, "")
        .field("drift", &Answer::drift, "")
        .field("unlike_before", &Answer::unlike_before, "")
        .field("health", &Answer::health, "{source, check, value, verdict, rule}")
        .field("transactions", &Answer::transactions, "")
        .field("sessions", &Answer::sessions, "")
        .field("statements", &Answer::statements, "")
        .field("slow", &Answer::slow, "")
        .field("partitions", &Answer::partitions, "")
        .field("problems", &Answer::problems, "")
        .field("reason", &Answer::reason, "");
}

}  // namespace

GuardedTool fingerprint_tool(Workbench& bench) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "fingerprint",
        .title = "Fingerprint",
        .description =
            "Tells who each source is now, whether its account could write, and what drifted since the human "
            "confirmed it.",
        .input =
            Schema<Args>{}
                .field("sources", &Args::sources, "Only these kinds; default all.")
                .choices(source_names)
                .optional()
                .field("health", &Args::health,
                       "Also load, blocked transactions, costly statements, replica lag, memory, partitions.")
                .optional(),
        .output = answer_schema(),
        .plan = [&bench](const Args& args, const Situation& situation) -> Result<Plan> {
            return plan(args, situation, bench);
        },
        .run = take,
        .summary =
            [](const Answer& answer) {
                return std::to_string(answer.fingerprints.size()) + " sources answered, " +
                       std::to_string(answer.drift.size()) + " drifted, " +
                       std::to_string(answer.problems.size()) + " problems" + answer.told;
            },
    });
}

}  // namespace casefile::tools::environment
