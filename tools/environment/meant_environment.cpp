#include "tools/environment/meant_environment.h"

#include <algorithm>

#include "base/text.h"
#include "tools/environment/grants.h"

namespace casefile::tools {
namespace {

std::string listed(const std::vector<std::string>& known) {
    return known.empty() ? "none" : join(known, ", ");
}

Error no_such_environment(const std::string& name, const std::string& asked,
                          const std::vector<std::string>& known) {
    return not_found(name + ": no environment is called '" + printable(shorten(asked, 64)) +
                         "'; there are: " + listed(known),
                     known.empty() ? "start casefile with --env-file FILE, or export variables such as "
                                     "MYSQL_STAGING_URL; casefile doctor checks them"
                                   : "list_environments shows the variables that were found");
}

/// Whoever was told no is not sent to ask again.
Error nothing_confirmed(Workbench& bench, const std::vector<std::string>& known, const std::string& case_id,
                        const std::string& principal) {
    std::vector<std::string> declined;
    for (const auto& env : known)
        if (const auto at = declined_at(bench, case_id, principal, env); at && !at->empty())
            declined.push_back(env + " at " + *at);
    const auto none = "no environment is confirmed for this case; candidates: " + listed(known);
    if (declined.empty())
        return denied(none, "ask the user which environment is meant, then call confirm_environment with it");
    return denied(none + "; a human declined " + join(declined, ", "),
                  "a decline is final for forms: work with what is there, or tell the user that "
                  "confirm_environment names the command by which a person confirms at a terminal");
}

}  // namespace

Result<std::string> meant_environment(Workbench& bench, const std::string& name, const std::string& asked,
                                      const cases::CaseState& state, const std::string& principal) {
    const auto known = bench.sources.environments();
    const auto is_known = [&](const std::string& env) {
        return std::ranges::find(known, env) != known.end();
    };
    if (!asked.empty()) {
        if (is_known(asked)) return asked;
        return no_such_environment(name, asked, known);
    }
    std::set<std::string> confirmed;
    const auto now = rfc3339(bench.clock.now());
    for (const auto& grant : state.grants)
        if (grant->principal == principal && grant->expires_at > now) confirmed.insert(grant->env);
    for (const auto& env : bench.by_operator.environments)
        if (is_known(env)) confirmed.insert(env);
    if (confirmed.size() == 1) return *confirmed.begin();
    if (confirmed.empty()) return nothing_confirmed(bench, known, state.id, principal);
    return invalid(name + ": this case has several confirmed environments: " +
                       join(std::vector<std::string>(confirmed.begin(), confirmed.end()), ", "),
                   "name the one that is meant");
}

}  // namespace casefile::tools
