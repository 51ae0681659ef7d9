#include "policy/gate.h"

#include <algorithm>

#include "base/text.h"
#include "policy/redis_command.h"
#include "policy/sql_statement.h"

namespace casefile::policy {
namespace {

std::string how_to_confirm(const std::string& env) {
    return "ask a human: call confirm_environment for " + env +
           ", or have them run `casefile confirm` in a terminal";
}

/// Everything that a call reads, also where its tool forgot to name the source of a statement.
std::vector<SourceKind> sources_read(const Intent& intent) {
    auto sources = intent.sources;
    if (!intent.sql.empty()) sources.push_back(SourceKind::mysql);
    if (!intent.redis.empty()) sources.push_back(SourceKind::redis);
    return sources;
}

Verdict judge_grant(const std::optional<GrantView>& grant, const std::string& principal, const Intent& intent,
                    WallTime now) {
    const auto& env = intent.env;
    if (!grant || grant->env != env)
        return Verdict::no("environment " + env + " is not confirmed for this case", how_to_confirm(env));
    if (grant->principal != principal)
        return Verdict::no("environment " + env + " was confirmed for this case by another principal",
                           how_to_confirm(env));
    if (grant->expires_at <= now)
        return Verdict::no("the confirmation of " + env + " expired at " + rfc3339(grant->expires_at),
                           how_to_confirm(env));
    for (const auto source : sources_read(intent))
        if (std::ranges::find(grant->sources, source) == grant->sources.end())
            return Verdict::no(
                "the confirmation of " + env + " does not cover " + name_of_source(env, source),
                how_to_confirm(env) + ", with " + name_of(source) + " among its sources");
    return Verdict::yes();
}

}  // namespace

bool Rules::is_protected(std::string_view env) const {
    const auto label = upper(env);
    return std::ranges::any_of(protected_environments, [&](const std::string& written) {
        const auto pattern = upper(written);
        if (!pattern.ends_with('*')) return label == pattern;
        return label.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
    });
}

Verdict judge(const std::optional<GrantView>& grant, const std::string& principal, const Intent& intent,
              WallTime now) {
    // A probe sends its own fixed list, so statements can only come with a read.
    const bool has_statements = !intent.sql.empty() || !intent.redis.empty();
    if (intent.action != Intent::Action::read && has_statements)
        return Verdict::no("statements come only with a call that reads", "use query_mysql or read_redis");
    if (intent.action == Intent::Action::record) return Verdict::yes();
    if (intent.env.empty())
        return Verdict::no("no environment is named", "give env; list_environments tells which there are");
    if (intent.action == Intent::Action::probe) return Verdict::yes();

    if (auto verdict = judge_grant(grant, principal, intent, now); !verdict.allowed) return verdict;
    for (const auto& statement : intent.sql)
        if (auto verdict = judge_sql(statement.text); !verdict.allowed) return verdict;
    for (const auto& command : intent.redis) {
        auto verdict = judge_redis(command.arguments);
        if (verdict.allowed) continue;
        if (!command.place.empty()) verdict.reason.insert(0, command.place + ": ");
        return verdict;
    }
    return Verdict::yes();
}

}  // namespace casefile::policy
