// fingerprint: who each source is now, what its account may do, and what differs from what the human
// confirmed.

#include <array>

#include "base/text.h"
#include "tools/environment/grants.h"
#include "tools/environment/source_kinds.h"
#include "tools/environment/tools.h"

namespace casefile::tools::environment {
namespace {

struct Args {
    std::vector<std::string> sources;
};

struct Answer {
    std::vector<json::object> fingerprints;
    bool can_write = false;
    std::vector<std::string> drift;
    std::vector<std::string> problems;
};

/// Version and role may move without anybody having to say yes again.
constexpr std::array may_move = {"product", "version", "role"};

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
            for (const auto* name : may_move) {
                const auto before = string_or(facts->get_object(), name), after = string_or(now.facts, name);
                if (before != after)
                    answer.drift.push_back(now.variable + " " + name + ": confirmed \"" + printable(before) +
                                           "\", now \"" + printable(after) + "\"; the confirmation lasts");
            }
        if (drift.lines.empty()) continue;
        return suspend(call.bench, call.state.id, grant,
                       now.variable +
                           (drift.restarted ? " was restarted since it was confirmed: "
                                            : " is not what was confirmed: ") +
                           join(drift.lines, "; "));
    }
    return {};
}

Result<std::variant<Answer, mcp::NeedsInput>> take(const Args& args, Call& call) {
    auto grant = call.bench.cases.grant(call.state.id, call.env, call.context.principal);
    if (!grant) return grant.error();
    auto kinds = kinds_of(args.sources);
    if (kinds.empty() && *grant) kinds = (*grant)->sources;
    const auto found = probe(call.bench, call.env, kinds, call.control());
    if (auto done = file_fingerprints(found, call.run); !done) return done.error();

    Answer answer;
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
    return {std::move(answer)};
}

}  // namespace

GuardedTool fingerprint_tool(Workbench&) {
    return make_tool(ToolSpec<Args, Answer>{
        .name = "fingerprint",
        .title = "Fingerprint",
        .description =
            "Tells who each source is now, whether its account could write, and what drifted since the human "
            "confirmed it.",
        .input = Schema<Args>{}
                     .field("sources", &Args::sources, "Only these kinds; default all.")
                     .choices(source_names)
                     .optional(),
        .output =
            Schema<Answer>{}
                .field("fingerprints", &Answer::fingerprints, "")
                .field("can_write", &Answer::can_write, "An account here could write; casefile never does.")
                .field("drift", &Answer::drift, "")
                .field("problems", &Answer::problems, ""),
        .plan = [](const Args& args, const Situation& situation) -> Result<Plan> {
            return Plan{.intents = {{.action = policy::Intent::Action::read,
                                     .env = situation.env,
                                     .sources = kinds_of(args.sources)}},
                        .script = {"json", canonical(json::object{{"probe", situation.env}})},
                        .task = "fingerprint",
                        .time_max = std::chrono::seconds(15)};
        },
        .run = take,
        .summary =
            [](const Answer& answer) {
                return std::to_string(answer.fingerprints.size()) + " sources answered, " +
                       std::to_string(answer.drift.size()) + " drifted, " +
                       std::to_string(answer.problems.size()) + " failed";
            },
    });
}

}  // namespace casefile::tools::environment
