// list_environments: which environments the variables describe, and what is wrong with the others. Opens no
// connection.

#include "tools/environment/tools.h"

namespace casefile::tools::environment {
namespace {

struct Args {};

struct SourceLine {
    std::string kind, variable, endpoint, database, user, state;
};

struct EnvironmentLine {
    std::string env;
    bool is_protected = false;
    std::vector<SourceLine> sources;
};

struct ProblemLine {
    std::string variable, reason;
};

struct Answer {
    std::vector<EnvironmentLine> environments;
    std::vector<ProblemLine> problems;
};

/// A source that is left alone says so; else what was last known of it.
std::string state_of(const Workbench& bench, const sources::Source& source) {
    auto resting = source.resting();
    return resting.empty() ? bench.states.of(source.endpoint()) : resting;
}

Answer list(const Workbench& bench) {
    Answer answer;
    for (const auto& env : bench.sources.environments()) {
        EnvironmentLine line{.env = env, .is_protected = bench.rules.is_protected(env), .sources = {}};
        for (const auto* source : bench.sources.of(env)) {
            const auto& endpoint = source->endpoint();
            line.sources.push_back({.kind = name_of(endpoint.kind),
                                    .variable = endpoint.variable,
                                    .endpoint = endpoint.address(),
                                    .database = endpoint.database,
                                    .user = endpoint.user,
                                    .state = state_of(bench, *source)});
        }
        answer.environments.push_back(std::move(line));
    }
    for (const auto& problem : bench.problems) answer.problems.push_back({problem.variable, problem.reason});
    return answer;
}

Schema<EnvironmentLine> environment_schema() {
    return Schema<EnvironmentLine>{}
        .field("env", &EnvironmentLine::env, "")
        .field("protected", &EnvironmentLine::is_protected, "Its label has to be typed to confirm it.")
        .list("sources", &EnvironmentLine::sources,
              Schema<SourceLine>{}
                  .field("kind", &SourceLine::kind, "")
                  .field("variable", &SourceLine::variable, "")
                  .field("endpoint", &SourceLine::endpoint, "")
                  .field("database", &SourceLine::database, "")
                  .field("user", &SourceLine::user, "")
                  .field("state", &SourceLine::state, "Last known."),
              "");
}

}  // namespace

std::unique_ptr<mcp::Tool> list_environments_tool(Workbench& bench) {
    return make_record_tool(RecordSpec<Args, Answer>{
        .name = "list_environments",
        .title = "Environments",
        .description =
            "Lists the environments found in variables, without connecting. Never guess which one is meant: "
            "ask the user, then confirm_environment.",
        .input = Schema<Args>{},
        .output = Schema<Answer>{}
                      .list("environments", &Answer::environments, environment_schema(), "")
                      .list("problems", &Answer::problems,
                            Schema<ProblemLine>{}
                                .field("variable", &ProblemLine::variable, "")
                                .field("reason", &ProblemLine::reason, ""),
                            "Variables that could not be used."),
        .run = [&bench](const Args&, mcp::CallContext&) -> Result<Answer> { return list(bench); },
    });
}

}  // namespace casefile::tools::environment
