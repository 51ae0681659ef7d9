// casefile confirm [CODE]: a human confirms a pending environment at a terminal, after seeing the same
// fingerprints.

#include <iostream>

#include "app/home.h"
#include "app/installation.h"
#include "app/terminal.h"
#include "app/version.h"
#include "base/log.h"
#include "base/text.h"
#include "tools/environment/grants.h"
#include "tools/environment/last_seen.h"
#include "tools/environment/pending.h"

namespace casefile::app {
namespace {

Result<tools::Pending> choose(const std::vector<tools::Pending>& pending, const std::string& code) {
    if (pending.empty())
        return not_found("nothing waits for a confirmation",
                         "the assistant calls confirm_environment first; a code lasts 15 minutes");
    for (const auto& one : pending)
        if (one.code == code) return one;
    std::string known;
    for (const auto& one : pending) known += "\n  " + one.code + "  " + one.env + " for " + one.case_id;
    if (!code.empty())
        return not_found("no pending confirmation has the code " + printable(shorten(code, 40)),
                         "there are:" + known);
    if (pending.size() > 1) return invalid("several confirmations wait", "name one:" + known);
    return pending.front();
}

/// A decline is kept like a yes, and ends the code.
int decline(tools::Workbench& bench, const tools::Pending& chosen, const Error& why, bool final) {
    if (auto done = tools::note_refusal(bench, chosen.case_id, chosen.principal,
                                        {chosen.env, why.message, "terminal", {}, final});
        !done)
        std::cerr << "casefile: the decline could not be recorded: " << describe(done.error()) << "\n";
    tools::drop_pending(bench, chosen.code);
    std::cerr << chosen.env
              << " was not confirmed. Nothing of it can be read in this case unless a human confirms "
                 "it at a terminal.\n";
    return exit_no;
}

int confirm(const Options& options, const std::string& code) {
    set_log_level("warning");
    if (!human_is_at_the_terminal())
        return complain(denied("a confirmation needs a human at a terminal",
                               "run casefile confirm yourself, in a terminal"));
    if (auto done = need_home(options); !done) return complain(done.error());
    auto built = Installation::build(options);
    if (!built) return cannot_start(built.error());
    auto& bench = (*built)->bench();
    auto all = tools::pending_confirmations(bench);
    if (!all) return complain(all.error());
    auto chosen = choose(*all, code);
    if (!chosen) return complain(chosen.error());

    const sources::Control control{std::chrono::steady_clock::now() + std::chrono::seconds(15), {}};
    auto filed = tools::probe_as_run(bench, chosen->case_id,
                                     {.env = chosen->env,
                                      .kinds = chosen->kinds,
                                      .task = "confirm-" + slug(chosen->env, 32),
                                      .because = "casefile confirm",
                                      .principal = chosen->principal,
                                      .client = std::string("casefile ") + version,
                                      .traceparent = {}},
                                     control);
    if (!filed) return complain(filed.error());
    if (tools::identity_digest(filed->found.fingerprints) != chosen->identity_sha256)
        std::cerr << "Note: the sources look different from when the assistant asked. Read them closely.\n";
    std::cerr << "Case " << chosen->case_id << "\n";
    filed->found.unlike = tools::unlike_last_time(bench, chosen->principal, chosen->env, filed->found);
    const auto answer = ask_at_terminal(tools::confirmation_question(bench.rules, chosen->env, filed->found));
    const auto yes = tools::check_human_answer(bench.rules, answer, tools::confirmation_of(chosen->env));
    auto sealed = filed->run.seal(yes ? evidence::Outcome::answered : evidence::Outcome::refused,
                                  {{"summary", yes ? "confirmed at a terminal" : yes.error().message}});
    if (!sealed) return complain(sealed.error());
    if (!yes) return decline(bench, *chosen, yes.error(), answer.action == mcp::AnswerAction::decline);
    auto grant =
        tools::make_grant(bench, chosen->env, chosen->principal, local_principal(), "terminal", filed->found);
    grant.witness["client"] = std::string("casefile ") + version;
    auto given = bench.cases.give(chosen->case_id, std::move(grant), chosen->principal);
    if (!given) return complain(given.error());
    tools::remember_seen(bench, chosen->principal, chosen->env, filed->found);
    tools::drop_pending(bench, chosen->code);
    std::cout << chosen->env << " is confirmed for " << chosen->case_id << " until " << given->expires_at
              << ".\n";
    return exit_done;
}

}  // namespace

void add_confirm(CLI::App& app, Options& options, Action& action) {
    auto* command = app.add_subcommand("confirm", "Confirm a pending environment, as a human at a terminal");
    const auto code = std::make_shared<std::string>();
    command->add_option("CODE", *code, "As the assistant told it; not needed when one waits");
    add_shared_options(*command, options);
    command->callback([&, code] { action = [&, code] { return confirm(options, *code); }; });
}

}  // namespace casefile::app
