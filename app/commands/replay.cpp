// casefile replay CASE RUN: asks what a run asked once more, under today's policy and grant, and shows what
// changed.

#include <unistd.h>

#include <iostream>

#include "app/home.h"
#include "app/installation.h"
#include "app/terminal.h"
#include "app/version.h"
#include "base/log.h"
#include "tools/evidence/replay.h"

namespace casefile::app {
namespace {

int replay(const Options& options, const std::string& case_id, const std::string& run) {
    set_log_level(options.log_level == "info" ? "warning" : options.log_level);
    auto built = Installation::build(options);
    if (!built) return cannot_start(built.error());
    mcp::CallContext context{.principal = local_principal(),
                             .client = std::string("casefile replay ") + version};
    const auto replayed =
        tools::evidence_record::replay((*built)->bench(), (*built)->catalog(), case_id, run, context,
                                       [&](const mcp::Tool& tool, const json::object& arguments) {
                                           return call_at_terminal(tool, arguments, context);
                                       });
    if (!replayed) return complain(replayed.error());
    std::cout << (isatty(STDOUT_FILENO) == 1 ? replayed->text : canonical(replayed->difference) + "\n");
    return exit_done;
}

}  // namespace

void add_replay(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("replay", "Ask the same again, and see what changed since");
    struct Arguments {
        std::string case_id, run;
    };
    const auto given = std::make_shared<Arguments>();
    command->add_option("CASE", given->case_id, "Case id")->required();
    command->add_option("RUN", given->run, "Run id or number")->required();
    add_shared_options(*command, options);
    command->callback(
        [&, given] { action = [&, given] { return replay(options, given->case_id, given->run); }; });
}

}  // namespace casefile::app
